"""`warn rules check`: the files asked for, each under the name it was called by."""

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner
from warn.app.checking import explain_code
from warn.cli import program
from warn.rules.codes import EXPLAINED
from warn.rules.examples import KEYS
from warn.rules.measures import MEASURES

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    monkeypatch.setenv("WARN_RULES", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder


def check(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(program(), ["rules", "check", *words], catch_exceptions=False)
    return done.exit_code, done.stdout


def test_a_scenario_file_is_not_taken_for_the_rules_of_the_same_name(made: Path):
    status, said = check("rules/tests/convoys.yaml")
    assert (status, said.splitlines()[0]) == (0, "No fault in 1 file, no remarks.")


def test_only_faults_of_the_file_asked_for_are_told_under_its_own_name(made: Path):
    for name in ("feeds.yaml", "tests/power.yaml"):
        path = made / name
        path.write_text(
            path.read_text(encoding="utf-8")
            .replace("core: true", "core: oui", 1)
            .replace("expect:", "expct:", 1),
            encoding="utf-8",
        )
    status, said = check("rules/tests/power.yaml", "--json")
    rows = json.loads(said)
    assert status == 1
    assert {row["file"] for row in rows} == {"rules/tests/power.yaml"}
    assert {"line", "column", "code", "severity", "message", "suggestion"} < set(rows[0])
    _, everything = check("--json")
    assert {"feeds.yaml", "power.yaml"} <= {Path(row["file"]).name for row in json.loads(everything)}


def test_a_file_from_elsewhere_is_judged_within_the_folder(made: Path, tmp_path: Path):
    other = tmp_path / "fuel.yaml"
    text = (
        (made / "convoys.yaml")
        .read_text(encoding="utf-8")
        .replace("count: convoy_attack", "count: convoi_attack", 1)
    )
    other.write_text(text, encoding="utf-8")
    status, said = check(str(other))
    assert status == 1
    assert f"{other}:" in said
    assert "did you mean 'convoy_attack'?" in said


INNER = [
    "over", "near", "where", "in", "min_reports", "min_origins", "min_grade", "confirmed_by", "unconfirmed", "place",
    "corridor", "corridors", "km", "origins", "grade", "against", "back", "method", "history", "min_points", "before",
    "past", "on", "off", "expires", "at", "except", "of", "to", "after", "backoff", "residents", "reviewed_by",
]  # fmt: skip


@pytest.mark.parametrize("word", ["count", "holds_for", "clears-at-side", "lexicon", *INNER])
def test_measures_keys_and_codes_are_explained(word: str):
    status, said = check("--explain", word)
    assert status == 0
    assert said.startswith(f"{word}: ")
    assert word not in INNER or f"{word}: " in said.partition("\n\n")[2]


@pytest.mark.parametrize("word", sorted({*MEASURES, *KEYS, *INNER} - set(EXPLAINED)))
def test_measures_and_keys_are_explained_in_french_too(word: str):
    english, french = (explain_code(word, lang).partition("\n\n") for lang in ("en", "fr"))
    assert french[2] == english[2], "the example is the same"
    assert not set(english[0].splitlines()) & set(french[0].splitlines()), "every meaning is said in French"
    assert french[0].startswith(f"{word}\u00a0: ")
    assert not re.search(r" [:;?!]", french[0])


def test_a_word_that_means_nothing_here_is_said_to_mean_nothing():
    done = CliRunner().invoke(program(), ["rules", "check", "--explain", "ovre"])
    assert done.exit_code == 2
    assert "There is no fault, key or measure called 'ovre'." in done.stderr


@pytest.mark.parametrize("name", ["convoys.yaml", "feeds.yaml", "tests/convoys.yaml"])
def test_a_file_that_is_not_utf_8_is_told_with_its_place_beside_the_faults_of_the_others(
    made: Path, name: str
):
    path = made / name
    path.write_bytes(path.read_bytes() + "# d'après Pénélope".encode("latin-1"))
    posture = made / "posture.yaml"
    posture.write_text(posture.read_text(encoding="utf-8") + "    ove: 3\n", encoding="utf-8")
    status, said = check("--json")
    found = {(Path(row["file"]).name, row["code"]) for row in json.loads(said) if row["severity"] == "error"}
    assert status == 1
    assert (path.name, "encoding") in found
    assert name != "convoys.yaml" or ("posture.yaml", "unknown-key") in found


def test_a_link_that_leads_nowhere_is_not_overlooked(made: Path):
    (made / "extra.yaml").symlink_to(made / "nowhere.yaml")
    done = CliRunner().invoke(program(), ["rules", "check"])
    assert done.exit_code != 0
    assert "extra.yaml" in done.output + str(done.exception)
