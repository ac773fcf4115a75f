"""Rules tried out over the bundled history, from the command line: sweeps, pictures, diffs, and what refuses."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from typer.testing import CliRunner
from warn.cli import program

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"
HEAD = "indicator,occurred_at,known_at,place,origin,grade,key\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARN_RULES", str(RULES))
    monkeypatch.setenv("WARN_TEMPLATES", str(ROOT / "templates"))
    monkeypatch.setenv("WARN_VAR", str(tmp_path / "var"))


def warn(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(program(), list(words), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output if code else done.stdout


def test_a_sweep_tells_hits_and_messages_for_each_value():
    entries = json.loads(
        warn("rules", "backtest", "convoy-attacks", "--sweep", "rises_to.alert=2..4", "--json")
    )["sweep"]
    assert [entry["values"] for entry in entries] == [{"rises_to.alert": n} for n in (2, 3, 4)]
    assert [entry["score"]["hits"] for entry in entries] == [5, 2, 1]
    assert all(
        set(entry["messages_per_week"]) == {"resident", "ngo", "press", "everything"} for entry in entries
    )


def test_several_sweeps_multiply_and_an_impossible_ladder_is_not_run():
    found = warn(
        "rules", "backtest", "convoy-attacks", "--sweep", "rises_to.alert=1..2", "--sweep", "over=14d,28d"
    )
    lines = found.splitlines()
    assert len([line for line in lines if line.startswith(("1 ", "2 "))]) == 4
    assert sum("not run: convoy-attacks: tension 1, alert 1, crisis 6" in line for line in lines) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sweep", "rises_to.alrt=1"], "(did you mean 'rises_to.alert'?)"),
        (["--sweep", "over=7d", "--plot", "x.svg"], "not a sweep"),
        (["--plot", "x.pdf"], "a picture ends in .svg or .png"),
        (["--plot", "nowhere/x.svg"], "there is no folder nowhere"),
        (["convoi-attacks"], "There is no rule 'convoi-attacks' (did you mean 'convoy-attacks'?)"),
        (
            ["--from", "2025-10-01", "--to", "2025-09-01"],
            "--to 2025-09-01 does not lie after --from 2025-10-01",
        ),
        (["--from", "soon"], "'soon' is not a time"),
        (["--every", "0h"], "--every 0h is not a length of time"),
        (["--unapproved", "perhaps"], "It is `approve` or `never`"),
        (["--covers", "2025"], "--covers: '2025' is not FROM/TO"),
        (["--against", "none.csv"], "There is no none.csv"),
        (["--observations", "none.csv"], "There is no none.csv"),
        (["--plot", "x.svg", "--measure", "x"], "The measure of 'x' cannot be drawn"),
    ],
)
def test_wrong_words_are_refused_with_what_to_write(words, said):
    assert said in " ".join(warn("rules", "backtest", *words, code=2).split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["convoi-attacks"], "Il n'y a pas de règle « convoi-attacks » (vouliez-vous « convoy-attacks » ?)"),
        (["--from", "2025-10-01", "--to", "2025-09-01"], "Donnez d'abord le jour le plus ancien"),
    ],
)
def test_they_are_refused_in_french_too(words, said):
    assert said in " ".join(warn("--lang", "fr", "rules", "backtest", *words, code=2).split())


def test_bad_rows_are_named_by_line_and_column(tmp_path):
    bad = tmp_path / "facts.csv"
    bad.write_text(HEAD + "convoy_attack,2025-09-13,,Kolokani,RFI,B2,a\nconvoi_attack,soon,,,,B2,b\n")
    said = warn("rules", "backtest", "--observations", str(bad), code=1)
    assert f"{bad}:3:1: indicator" in said
    assert f"{bad}:3:2: occurred_at" in said


def test_an_empty_file_has_nothing_to_judge(tmp_path):
    empty = tmp_path / "facts.csv"
    empty.write_text(HEAD)
    assert "There are no observations to judge" in warn(
        "rules", "backtest", "--observations", str(empty), code=2
    )


def test_several_files_are_one_history_and_coverage_decides_what_is_known(tmp_path):
    for day, name in (("13", "a"), ("15", "b")):
        (tmp_path / f"{name}.csv").write_text(
            HEAD + f"convoy_attack,2025-09-{day},,{'Kolokani' if name == 'a' else 'Bougouni'},RFI,B2,{name}\n"
        )
    asked = ["rules", "backtest", "convoy-attacks", "--observations", str(tmp_path / "a.csv"),
             "--observations", str(tmp_path / "b.csv"), "--to", "2025-12-01", "--json"]  # fmt: skip
    told = json.loads(warn(*asked))
    assert told["observations"] == 2
    assert max(entry["level"] for entry in told["timeline"]) == 3
    assert told["score"]["impacts"] == []
    kinds = {entry["reason"] for entry in told["timeline"]}
    unseen = json.loads(warn(*asked, "--covers", "2025-07-01/2025-09-16"))["timeline"]
    assert "blind" not in kinds
    assert "blind" in {entry["reason"] for entry in unseen}


def test_against_names_other_impacts(tmp_path):
    impacts = tmp_path / "impacts.csv"
    impacts.write_text("id,date,impact,source\nX1,2025-10-07,Short,x\nX2,2025-08-01,Nothing,x\n")
    scored = json.loads(warn("rules", "backtest", "--against", str(impacts), "--json"))["score"]
    assert {one["id"]: one["hit"] for one in scored["impacts"]} == {"X1": True, "X2": False}


def test_what_nobody_approves_is_left_out():
    everything = json.loads(warn("rules", "backtest", "--json"))
    never = json.loads(warn("rules", "backtest", "--unapproved", "never", "--json"))
    assert never["rules"] < everything["rules"]


def test_the_table_shows_what_readers_would_have_got_and_what_each_rule_alone_gave():
    text = warn("rules", "backtest")
    assert "Messages readers would have got" in text
    assert "hits alone" in text
    french = warn("--lang", "fr", "rules", "backtest")
    assert "Messages que les lecteurs auraient reçus" in french
    assert "avertis" not in text


def test_the_picture_is_svg_and_png_with_levels_impacts_and_a_measure(tmp_path):
    warn("--lang", "fr", "rules", "backtest", "--plot", "a.svg", "--measure", "power-hours")
    text = (tmp_path / "a.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)
    words = "".join(root.itertext())
    assert "Heures de courant (latest power_hours)" in words
    assert "I1 7\u00a0oct." in words or "I1 7 oct." in words
    assert 'fill="url(#unknown)"' in text, "what is not known is a hatched gap"
    assert 'fill="url(#lost3)"' in text, "an alert lost from sight is hatched in its colour"
    warn("rules", "backtest", "--plot", "a.png")
    with Image.open(io.BytesIO((tmp_path / "a.png").read_bytes())) as image:
        assert image.size[0] == 960


def folder(tmp_path: Path) -> Path:
    made = tmp_path / "edited"
    shutil.copytree(RULES, made)
    return made


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_nothing_edited_changes_nothing(tmp_path):
    found = json.loads(warn("rules", "diff", str(RULES), str(folder(tmp_path)), "--json"))
    assert (found["lost"], found["gained"], found["more_messages"], found["more_hits"]) == ([], [], 0, 0)


def test_an_edited_threshold_moves_what_it_should(tmp_path):
    made = folder(tmp_path)
    edit(
        made / "convoys.yaml",
        "rises_to: {tension: 1, alert: 2, crisis: 6}",
        "rises_to: {tension: 1, alert: 5, crisis: 6}",
    )
    found = json.loads(warn("rules", "diff", str(RULES), str(made), "--days", "160", "--json"))
    assert found["rules"]["judges"] == ["convoy-attacks"]
    assert any(e["rule"] == "convoy-attacks" and e["level"] == 3 for e in found["lost"])
    assert found["more_hits"] == found["score"]["new"]["hits"] - found["score"]["old"]["hits"]
    french = warn("--lang", "fr", "rules", "diff", str(RULES / "convoys.yaml"), str(made / "convoys.yaml"))
    assert french.startswith("Du 2025-")
    assert "Jugent autrement\u00a0: convoy-attacks" in french


def test_edited_places_are_named_and_their_effect_is_told(tmp_path):
    made = folder(tmp_path)
    edit(made / "places.yaml", "roads: {corridors: all, km: 35}", "roads: {corridors: all, km: 1}")
    found = json.loads(warn("rules", "diff", str(RULES), str(made), "--days", "160", "--json"))
    assert found["files"] == ["places.yaml"]
    assert found["lost"]


def test_titles_that_another_lexicon_reads_otherwise_are_named(tmp_path):
    made = folder(tmp_path)
    text = (made / "lexicon.yaml").read_text(encoding="utf-8")
    (made / "lexicon.yaml").write_text(
        text.replace(
            "indicator: convoy_attack, direction: worse", "indicator: convoy_attack, direction: none"
        ),
        encoding="utf-8",
    )
    found = json.loads(warn("rules", "diff", str(RULES), str(made), "--json"))
    assert found["files"] == ["lexicon.yaml"]
    assert any("convoy_attack" in one["lost"] for one in found["readings"])


def test_a_folder_that_does_not_exist_is_refused():
    assert "There is no gone." in warn("rules", "diff", str(RULES), "gone", code=2)


def test_a_scenario_that_fails_names_its_file_line_and_what_was_found(tmp_path):
    text = (RULES / "tests" / "power.yaml").read_text(encoding="utf-8")
    broken = tmp_path / "power.yaml"
    broken.write_text(text.replace("level: 3", "level: 1", 1), encoding="utf-8")
    said = warn("--lang", "fr", "rules", "test", str(broken), code=1)
    assert f"  {broken}:" in said
    assert "niveau 1 (watch) attendu, 3 (alert) trouvé" in said


def test_only_the_scenarios_asked_for_are_run():
    one = warn("rules", "test", str(RULES / "tests" / "power.yaml"))
    assert "power.yaml" in one
    assert "convoys.yaml" not in one
    same = warn("rules", "test", str(RULES / "power.yaml"))
    assert "files: 1" in same


def test_the_schema_is_written_where_editors_look_for_it(tmp_path, monkeypatch):
    made = folder(tmp_path)
    monkeypatch.setenv("WARN_RULES", str(made))
    warn("rules", "schema", "--write")
    assert json.loads((made / "schema.json").read_text(encoding="utf-8"))["definitions"]["Rule"]


def test_a_new_rule_comes_with_comments_in_the_language_asked_for():
    assert "# permanent: alerts are known by it" in warn("rules", "new", "mean")
    assert "# permanent : l'alerte est connue par lui" in warn("--lang", "fr", "rules", "new", "mean")
    assert "did you mean 'count'?" in warn("rules", "new", "cont", code=2)
