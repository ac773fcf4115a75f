"""Each command's exit status, and the one JSON document of those that answer programs."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warn.app import knowing
from warn.fetching import read_body
from warn.pipeline.knowledge import Knowledge
from warn.settings import Settings
from warn.source import Body, Context
from warn.sources import SOURCES

from tests.app.running import HISTORY, ROOT, RULES
from tests.cli.conftest import Prompt
from tests.shared import shared

ATTACK = "Mali : une vingtaine de camions-citernes incendiés près de Kolokani"
FOLDERS = ("acled", "brent", "cadre_harmonise", "fcdo", "firms", "gdelt", "idmc", "ioda", "kobo", "odk", "reliefweb",
           "ucdp", "us_state", "cloudflare_radar", "hdx_hapi", "iom_dtm", "wfp_databridges", "worldbank_rtp", "hdx_wfp_csv")  # fmt: skip
OUTCOMES = {"ok", "no_data", "blocked", "embargoed", "not_released", "schema_changed", "error"}
RENAMED = {
    "hdx_hapi": "hapi",
    "iom_dtm": "dtm",
    "wfp_databridges": "databridges",
    "hdx_wfp_csv": "wfp_prices",
}


def test_rules_check_finds_nothing_in_the_shipped_folder_and_everything_in_a_broken_file(
    warn: Prompt, tmp_path: Path
) -> None:
    done = warn("rules", "check", "--json")
    assert done.code == 0
    assert [one for one in done.document if one["severity"] == "error"] == []
    broken = tmp_path / "supply.yaml"
    text = (RULES / "supply.yaml").read_text(encoding="utf-8")
    broken.write_text(text.replace("family: supply", "famly: supply", 2), encoding="utf-8")
    found = warn("rules", "check", broken, "--json")
    assert found.code == 1
    errors = [one for one in found.document if one["severity"] == "error"]
    assert len({one["line"] for one in errors}) >= 2
    for one in found.document:
        assert set(one) == {"file", "line", "column", "code", "severity", "message", "suggestion"}
    shown = warn("rules", "check", broken)
    assert f"{broken}:{errors[0]['line']}:{errors[0]['column']}" in shown.out.replace("\n", "")


def test_rules_test_answers_each_scenario_and_fails_with_one_that_fails(warn: Prompt, tmp_path: Path) -> None:
    supply = RULES / "tests" / "stage.yaml"
    done = warn("rules", "test", supply, "--json")
    assert done.code == 0
    assert done.document
    assert all(one["passed"] for one in done.document)
    wrong = tmp_path / "wrong.yaml"
    text = supply.read_text(encoding="utf-8")
    wrong.write_text(text.replace("level: 2", "level: 4").replace("level: 3", "level: 4"), encoding="utf-8")
    failed = warn("rules", "test", wrong, "--json")
    assert failed.code == 1
    assert any(one["failures"] for one in failed.document if not one["passed"])


def test_backtest_answers_in_the_shape_of_the_interfaces(warn: Prompt) -> None:
    done = warn("rules", "backtest", "convoy-attacks", "--every", "6h", "--json")
    assert done.code == 0
    answer = done.document
    assert set(answer) >= {
        "from", "to", "every", "rules", "observations", "evaluations", "timeline", "days_at_level", "score", "baselines",
        "score_3_days_later",
    }  # fmt: skip
    assert set(answer["baselines"]) == {"two_in_14d", "two_in_18d", "blind_clock", "always_on"}
    assert {"hits", "misses", "false_alarms", "confirming", "lead_days", "share_of_days", "impacts"} <= set(
        answer["score"]
    )
    assert warn("rules", "backtest", "no-such-rule").code == 2
    assert warn("rules", "backtest", "--every", "often").code == 2
    assert warn("rules", "backtest", "--from", "2026-01-01", "--to", "2025-01-01").code == 2


def test_explain_says_why_an_alert_of_imported_facts_stands(warn: Prompt) -> None:
    assert warn("import", HISTORY / "2025-blockade.csv", "--covers", "2025-07-01/2025-12-07").code == 0
    done = warn("rules", "explain", "convoy-attacks", "--at", "2025-09-20T06:00Z", "--json")
    assert done.code == 0
    assert done.document
    assert warn("rules", "explain", "convoy-attacks", "--at", "2025-09-20").out
    assert warn("rules", "explain", "no-such-rule").code == 2
    assert warn("rules", "explain", "convoy-attacks", "--at", "someday").code == 2


def test_read_answers_one_document_and_a_file_line_by_line(warn: Prompt, tmp_path: Path) -> None:
    done = warn("read", ATTACK, "--date", "2025-10-20", "--outlet", "RFI", "--json")
    assert done.code == 0
    assert done.document["relevant"] is True
    assert [one["indicator"] for one in done.document["observations"]] == ["convoy_attack"]
    assert {
        "low",
        "value",
        "high",
        "place",
        "lat",
        "lon",
        "precision",
        "direction",
        "origin",
        "grade",
        "matched",
    } <= set(done.document["observations"][0])
    nothing = warn("read", "Football : les Aigles gagnent", "--json")
    assert (nothing.code, nothing.document) == (0, {"observations": [], "relevant": False})
    table = tmp_path / "headlines.csv"
    table.write_text(
        f'date,lang,outlet,title,url\n2025-10-20,fr,RFI,"{ATTACK}",\n,,,,\n2025-10-21,fr,RFI,Football,\n',
        encoding="utf-8",
    )
    lines = [json.loads(line) for line in warn("read", "--file", table).out.splitlines()]
    assert [line["relevant"] for line in lines] == [True, False, False]
    assert warn("read", "").code == 2
    assert warn("read", "x", "--date", "yesterday").code == 2
    assert warn("read", "--file", tmp_path / "absent.csv").code == 1


def test_sources_name_what_is_missing_and_how_to_start_it(warn: Prompt) -> None:
    done = warn("sources", "--json")
    assert done.code == 0
    rows = {one["id"]: one for one in done.document}
    assert set(SOURCES) <= set(rows)
    assert rows["file"]["on"] is False
    assert "WARN_SOURCE__FILES" in rows["file"]["why_off"]
    assert warn("sources", "list", "--json").document == done.document
    assert "WARN_SOURCE__FILES" in warn("sources").out


def test_a_folder_made_by_init_checks_and_passes_its_scenarios_and_is_never_overwritten(
    warn: Prompt, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    assert warn("init", folder).code == 0
    assert (folder / ".env").stat().st_mode & 0o077 == 0
    own = {"WARN_RULES": str(folder / "rules"), "WARN_TEMPLATES": str(folder / "templates")}
    assert warn("rules", "check", **own).code == 0
    assert warn("rules", "test", folder / "rules" / "tests" / "stage.yaml", **own).code == 0
    (folder / "rules" / "area.yaml").write_text("# mine\n", encoding="utf-8")
    (folder / ".env").write_text("# mine\n", encoding="utf-8")
    again = warn("init", folder)
    assert again.code == 0
    assert again.out.count("left as it is") == 3
    assert (folder / "rules" / "area.yaml").read_text(encoding="utf-8") == "# mine\n"
    assert (folder / ".env").read_text(encoding="utf-8") == "# mine\n"


def test_doctor_says_one_line_for_each_part_with_what_to_do(warn: Prompt, tmp_path: Path) -> None:
    quiet = {"WARN_SOURCE__OFF": ",".join(one["id"] for one in warn("sources", "--json").document)}
    done = warn("doctor", "--json", **quiet)
    assert done.code == 0, done.out
    states = {one["what"]: one["state"] for one in done.document}
    assert states["rules"] == states["templates"] == states["database"] == "ok"
    assert states["email"] == states["telegram"] == "off"
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules, ignore=shutil.ignore_patterns("history"))
    (rules / "supply.yaml").write_text("rules: [", encoding="utf-8")
    (tmp_path / "text.db").write_text("this is no database, but text " * 200, encoding="utf-8")
    dead = {
        "WARN_RULES": str(rules), "WARN_EMAIL__HOST": "127.0.0.1", "WARN_EMAIL__PORT": "9",
        "WARN_EMAIL__SECURITY": "none", "WARN_EMAIL__SENDER": "a@example.org", "WARN_TELEGRAM__TOKEN": "1:x",
        "WARN_TELEGRAM__BASE_URL": "http://127.0.0.1:9/bot",
    }  # fmt: skip
    lost = {
        "WARN_TEMPLATES": str(tmp_path / "nowhere"), "WARN_SECRET": "too short",
        "WARN_DATABASE": f"sqlite:///{tmp_path / 'text.db'}",
    }  # fmt: skip
    for more, wanted in ((dead, {"rules", "email", "telegram"}), (lost, {"templates", "secret", "database"})):
        found = warn("doctor", "--json", **(quiet | more))
        assert found.code == 1
        faults = {one["what"]: one["message"] for one in found.document if one["state"] == "fault"}
        assert wanted <= set(faults)
        assert all(faults.values())
        assert "Traceback" not in found.out + found.err


@pytest.mark.parametrize(
    "words",
    [("nonsense",), ("rules", "nonsense"), ("import",), ("digest", "--channel", "pigeon", "--dry-run"),
     ("digest", "--at", "soon"), ("rules", "backtest", "--level", "9"), ("collect", "no-such-source"),
     ("sources", "parse", "no-such-source", __file__), ("export", "--database", "absent.db")],
)  # fmt: skip
def test_wrong_words_end_with_two_and_leave_standard_output_empty(
    warn: Prompt, words: tuple[str, ...]
) -> None:
    done = warn(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.strip()


def test_a_digest_can_be_seen_before_anybody_gets_it(warn: Prompt) -> None:
    warn("import", HISTORY / "2025-blockade.csv", "--covers", "2025-07-01/2025-12-07")
    mail = warn("digest", "--at", "2025-10-10T06:00Z", "--dry-run")
    assert mail.code == 0
    assert "Bamako" in mail.out.splitlines()[0]
    chat = warn("digest", "--at", "2025-10-10T06:00Z", "--channel", "telegram", "--lang", "en")
    assert chat.code == 0
    assert "Bamako" in chat.out


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return knowing.read_rules(Settings(rules=RULES))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_recorded_body_is_read_or_named_but_never_a_trace(known: Knowledge, folder: str) -> None:
    """What `warn sources parse` does, without starting it for each of a hundred bodies."""
    source = knowing.every_source(known.files).get(RENAMED.get(folder, folder))
    if source is None:
        pytest.skip(f"there is no source for {folder} yet")
    bodies = [path for path in sorted(shared(f"payloads/{folder}").rglob("*")) if path.is_file()]
    assert bodies
    context = Context(
        now=datetime.now(UTC), indicators=known.indicators, places=known.geography, lexicon=known.reader,
        area=known.geography.area,
    )  # fmt: skip
    for path in bodies:
        whole = path.read_bytes()
        for content in (whole, whole[: len(whole) // 2]):
            found = read_body(source, Body(content, str(path)), context)
            assert found.outcome in OUTCOMES, path
            assert found.message or found.outcome == "ok", path


def test_a_saved_body_is_shown_with_the_outcome_as_exit_status(warn: Prompt, tmp_path: Path) -> None:
    good = ROOT / "tests" / "payloads" / "feeds" / "wordpress.xml"
    done = warn("sources", "parse", "feeds", good, "--json")
    assert done.code == 0
    assert set(done.document) >= {"source", "outcome", "message", "observations"}
    assert (done.document["source"], done.document["outcome"]) == ("feeds", "ok")
    assert {one["indicator"] for one in done.document["observations"]} >= {"convoy_attack"}
    (tmp_path / "page.html").write_text("<html><body>Just a moment...</body></html>", encoding="utf-8")
    wrong = warn("sources", "parse", "feeds", tmp_path / "page.html", "--json")
    assert (wrong.code, wrong.document["outcome"], wrong.document["observations"]) == (1, "blocked", [])
    assert warn("sources", "parse", "feeds", tmp_path / "absent.xml").code == 1


def test_a_backup_never_takes_the_place_of_a_file(warn: Prompt, tmp_path: Path) -> None:
    assert warn("db", "upgrade").code == 0
    taken = tmp_path / "taken.db"
    taken.write_bytes(b"the last good one")
    done = warn("db", "backup", taken)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        f"warn: {taken} exists and is left as it is. Name a file that does not exist yet."
    ]
    assert taken.read_bytes() == b"the last good one"
    assert warn("db", "backup", tmp_path / "new.db").code == 0
