"""Facts in and out by hand: whole or not at all, each fault with its place, twice is once."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.app.running import HISTORY, ask
from tests.cli.conftest import Prompt

HEAD = "indicator,value,occurred_at,known_at,origin,place,lat,lon,precision,grade,title,key\n"
GOOD = "convoy_attack,,2026-11-01,2026-11-02T08:00Z,RFI,Kolokani,13.57,-8.03,town,B2,Un convoi attaqué,a1\n"
OTHER = "fuel_shortage_report,,2026-11-03,2026-11-03T08:00Z,RFI,Bamako,12.65,-8.0,town,B2,Files,a2\n"
BAD = "convoy_attack,,yesterday,,RFI,,,,,B2,Sans date,a3\n"
UNKNOWN = "convoi_attaque,,2026-11-01,,RFI,,,,,B2,Inconnu,a4\n"


def file(folder: Path, *rows: str, name: str = "facts.csv") -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


def rows_in(warn: Prompt) -> int:
    path = warn.var / "warn.db"
    return int(ask(path, "SELECT count(*) AS n FROM observation")[0]["n"]) if path.exists() else 0


def test_good_rows_are_taken_and_the_same_file_again_changes_nothing(warn: Prompt, tmp_path: Path) -> None:
    facts = file(tmp_path, GOOD, OTHER)
    first = warn("import", facts, "--json")
    assert first.code == 0
    assert (first.document["imported"], first.document["new"]) == (True, 2)
    again = warn("import", facts, "--json")
    assert again.code == 0
    assert (again.document["new"], again.document["revised"], again.document["unchanged"]) == (0, 0, 2)
    assert rows_in(warn) == 2


def test_one_bad_row_and_nothing_is_imported(warn: Prompt, tmp_path: Path) -> None:
    facts = file(tmp_path, GOOD, BAD, OTHER, UNKNOWN)
    done = warn("import", facts, "--json")
    assert done.code == 1
    assert done.document["imported"] is False
    assert [(one["line"], bool(one["column"]), bool(one["reason"])) for one in done.document["refused"]] == [
        (3, True, True),
        (5, True, True),
    ]
    complaints = done.err.splitlines()
    assert [line.split(": ")[0].split(":")[1] for line in complaints] == ["3", "5"]
    assert all(line.startswith(str(facts)) for line in complaints)
    assert rows_in(warn) == 0


def test_faults_are_counted_in_words_that_agree(warn: Prompt, tmp_path: Path) -> None:
    said = [warn("import", file(tmp_path, GOOD, *bad)).out for bad in ([BAD], [BAD, UNKNOWN])]
    assert said[0].startswith("Nothing was imported: 1 fault. ")
    assert said[1].startswith("Nothing was imported: 2 faults. ")
    assert ", 0 faults." in warn("import", file(tmp_path, GOOD)).out


def test_skip_bad_takes_the_good_rows_and_still_names_the_others(warn: Prompt, tmp_path: Path) -> None:
    done = warn("import", file(tmp_path, GOOD, BAD, OTHER), "--skip-bad", "--json")
    assert done.code == 1
    assert done.document["imported"] is True
    assert done.document["new"] == 2
    assert len(done.document["refused"]) == 1
    assert rows_in(warn) == 2


def test_a_row_that_says_something_else_under_the_same_key_is_a_revision(
    warn: Prompt, tmp_path: Path
) -> None:
    warn("import", file(tmp_path, GOOD))
    done = warn(
        "import", file(tmp_path, GOOD.replace("Un convoi attaqué", "Deux convois attaqués")), "--json"
    )
    assert done.code == 0
    assert done.document["revised"] == 1


def test_what_is_no_observation_file_is_one_line(warn: Prompt, tmp_path: Path) -> None:
    for name, content in (
        ("empty.csv", b""),
        ("binary.csv", bytes(range(256)) * 40),
        ("latin.csv", HEAD.encode() + "convoy_attack,,2026-11-01,,RFI,,,,,B2,é,x\n".encode("latin-1")),
        ("page.csv", b"<html><body>no</body></html>"),
        ("broken.jsonl", b'{"indicator": "convoy_attack"\n'),
    ):
        (tmp_path / name).write_bytes(content)
        done = warn("import", tmp_path / name)
        assert done.code in {0, 1, 2}, name
        assert (done.code != 0) == (name != "empty.csv") or done.err, name
        assert rows_in(warn) == 0, name
    assert warn("import", tmp_path / "absent.csv").code in {1, 2}


def test_what_is_exported_is_imported_elsewhere_as_the_same(warn: Prompt, tmp_path: Path) -> None:
    assert warn("import", HISTORY / "2025-blockade.csv").code == 0
    for form in ("csv", "jsonl"):
        path = tmp_path / f"all.{form}"
        said = warn("export", "--form", form)
        assert said.code == 0
        path.write_text(said.out, encoding="utf-8")
        elsewhere = Prompt(tmp_path / f"elsewhere-{form}")
        taken = elsewhere("import", path, "--json")
        assert taken.code == 0, taken.err
        assert taken.document["new"] == rows_in(warn) > 50
        assert elsewhere("export", "--form", form).out == said.out
    back = warn("import", path, "--json")
    assert (back.code, back.document["new"], back.document["revised"]) == (0, 0, 0)
    table = list(csv.reader(io.StringIO((tmp_path / "all.csv").read_text(encoding="utf-8"))))
    assert table[1][0].startswith("#")


def test_an_export_in_no_known_form_is_wrong_usage(warn: Prompt) -> None:
    done = warn("export", "--form", "xlsx")
    assert (done.code, done.out) == (2, "")
    assert "csv" in done.err


def test_an_export_in_json_lines_says_when_the_sources_were_watched(warn: Prompt, tmp_path: Path) -> None:
    warn("import", file(tmp_path, GOOD), "--covers", "2026-10-01/2026-11-03", "--source", "curator")
    said = warn("export", "--form", "jsonl").out
    (watched,) = [json.loads(line)["coverage"] for line in said.splitlines() if "coverage" in line]
    assert (watched["source"], watched["from"]) == ("curator", "2026-10-01T00:00:00Z")
    again = tmp_path / "again.jsonl"
    again.write_text(said, encoding="utf-8")
    assert warn("import", again).code == 0
    assert warn("export", "--form", "jsonl").out == said


def test_an_unknown_place_is_told_with_its_line_and_keeps_the_file_out(warn: Prompt, tmp_path: Path) -> None:
    done = warn("import", file(tmp_path, GOOD, OTHER.replace("Bamako,12.65,-8.0,town", "Bamakko,,,")))
    assert done.code == 1
    assert ":3:6: place: unknown place 'Bamakko' (did you mean 'bamako'?)" in done.err
    assert rows_in(warn) == 0


@pytest.mark.parametrize(
    "covers", ["2026-11-01", "2026-11-01/", "november/december", "2026-11-02/2026-10-01", ""]
)
def test_when_a_file_was_watched_is_given_as_two_days_or_refused_in_one_line(
    warn: Prompt, tmp_path: Path, covers: str
) -> None:
    done = warn("import", file(tmp_path, GOOD, BAD), "--covers", covers)
    assert (done.code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert line.startswith("warn: --covers: ")
    assert "Write FROM/TO, as 2025-07-01/2025-12-05." in line
    assert rows_in(warn) == 0
