"""What documents show is true: commands exist and run, rules load, files are read, links lead somewhere."""

import json
import os
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner, Result
from warn import rows
from warn.app import folders, knowing
from warn.cli import program
from warn.documents import read
from warn.rows import COLUMNS
from warn.rules.load import load
from warn.study.scenarios import run_scenarios

from tests import docs

ROOT = docs.ROOT
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in docs.documents()}
FENCE = re.compile(r"^```(?P<kind>\w+)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)
NEEDS_MORE = (
    "make ",
    "warn run",
    "warn doctor",
    "warn import facts.csv",
    ".venv/bin/",
    "warn rules explain",
)
"""What asks the network, never ends, needs files of yours, or is too long for a test."""


def blocks(kind: str) -> Iterator[tuple[str, str]]:
    for name, text in PAGES.items():
        yield from ((name, found["body"]) for found in FENCE.finditer(text) if found["kind"] == kind)


def commands() -> list[tuple[str, str]]:
    """Every `warn ...` of a shell block or of running text."""
    shown = [(name, line) for name, body in blocks("sh") for line in body.splitlines()]
    shown += [
        (name, code)
        for name, text in PAGES.items()
        for code in re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    ]
    plain = [(name, re.sub(r"\s+#.*", "", line).replace(".venv/bin/", "")) for name, line in shown]
    return sorted({(name, line) for name, line in plain if re.match(r"warn [a-z-]", line)})


@pytest.mark.parametrize(("page", "line"), commands())
def test_every_command_that_is_shown_exists_with_its_options(page: str, line: str):
    assert unknown_words(line) == [], page


@cache
def whole() -> Any:
    return get_command(program())


def unknown_words(line: str) -> list[str]:
    command = whole()
    words = shlex.split(line.replace(" ...", ""))[1:]
    while words and (children := getattr(command, "commands", None)):
        for option in command.params:
            if words[0] in option.opts:
                words = words[2:]
        if not words or re.fullmatch(r"[A-Z|…]+", words[0]):
            break
        if words[0] not in children:
            return words[:1]
        command, words = children[words[0]], words[1:]
        if words[:1] == ["|"]:  # `warn rules check | test | ...`
            return [word for word in words[1::2] if word not in children]
    known = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)} | {
        "--help"
    }
    return [word for word in words if word.startswith("--") and word not in known]


def test_a_command_that_does_not_exist_is_noticed():
    assert unknown_words("warn rules chek") == ["chek"]
    assert unknown_words("warn rules check --sya fr") == ["--sya"]
    assert unknown_words("warn --lang fr rules check --say fr") == []


@pytest.mark.parametrize(
    ("page", "text"), [block for block in blocks("yaml") if block[1].startswith("rules:")]
)
def test_every_rule_that_is_shown_loads(page: str, text: str):
    known = docs.known()
    shown, faults = load({"rules/shown.yaml": text}, indicators=known.indicators, places=known.geography)
    assert [fault for fault in faults if fault.severity == "error"] == [], page
    assert shown is not None


@pytest.mark.parametrize(
    ("page", "text"), [block for block in blocks("yaml") if block[1].startswith("- name:")]
)
def test_every_scenario_that_is_shown_passes(page: str, text: str):
    known = docs.known()
    facts = [source.facts() for source in knowing.every_source(known.files).values()]
    results = run_scenarios(
        [(page, read(text, page))], known.rules.rules, known.indicators, known.geography, facts
    )
    assert results
    assert [result.failures for result in results if not result.passed] == []


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_every_observation_that_is_shown_is_read(kind: str):
    ground = rows.ground_of(
        docs.known().geography, docs.known().indicators, now=datetime(2026, 1, 1, tzinfo=UTC), source="file"
    )
    for page, text in blocks(kind):
        found = rows.read(text.encode(), ground)
        assert found.refused == (), page
        assert found.observations or found.coverage, page


def test_the_readme_names_every_column_of_the_observation_file():
    assert ",".join(COLUMNS) in PAGES["README.md"]
    described = re.findall(
        r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGES["docs/observation-files.md"], re.MULTILINE))
    )
    assert described == list(COLUMNS)


def test_every_link_within_the_project_leads_to_a_file():
    broken = [
        f"{name}: {target}"
        for name, text in PAGES.items()
        for target in re.findall(r"\]\(([^)#\s]+)\)", text)
        if not target.startswith("http") and not ((ROOT / name).parent / target).exists()
    ]
    assert broken == []


def test_every_decision_stands_in_the_list_of_decisions():
    shown = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", PAGES["docs/decisions/README.md"]))
    assert shown == {path.name for path in (ROOT / "docs" / "decisions").glob("0*.md")}


def test_every_table_that_is_marked_can_be_printed_and_every_printer_is_used():
    marked = [found["name"] for text in PAGES.values() for found in docs.BLOCK.finditer(text)]
    assert set(marked) == set(docs.BLOCKS)


def test_a_stale_table_is_told():
    stale = "before\n<!-- generated: measures -->\n| old |\n<!-- end -->\nafter\n"
    fresh = docs.current(stale)
    assert "| old |" not in fresh
    assert "`count`" in fresh
    assert fresh.startswith("before\n")
    assert fresh.endswith("<!-- end -->\nafter\n")
    assert docs.current(fresh) == fresh


def test_every_setting_is_explained():
    assert [row[0] for row in docs.variables() if not row[2]] == []


def test_the_unit_and_the_image_start_the_service_as_someone_without_privileges():
    unit = (ROOT / "docs" / "warn.service").read_text(encoding="utf-8")
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["warn"]
    assert "User=warn" in unit
    assert "NoNewPrivileges=yes" in unit
    assert re.search(r"^USER 10001", image, re.MULTILINE)
    assert image.count("--require-hashes") == image.count("--requirement") == 2
    assert compose["read_only"] is True
    assert compose["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in compose["security_opt"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Result]:
    """A line of a shell block, in the folder that its `cd`s lead to; nothing of the machine's settings reaches it."""
    for name in [name for name in os.environ if name.startswith("WARN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WARN_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return lambda line: CliRunner().invoke(program(), shlex.split(line, comments=True)[1:])


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted({name for name, _ in blocks("sh")}))
def test_the_commands_of_a_page_run_one_after_the_other(
    page: str, tmp_path: Path, run: Callable[[str], Result], monkeypatch: pytest.MonkeyPatch
):
    """In the folders they name; those that ask the network or never end are left out."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / "rules").symlink_to(ROOT / "rules")
    (tmp_path / "srv" / "backups").mkdir(parents=True)
    for line in "\n".join(body for name, body in blocks("sh") if name == page).splitlines():
        here = line.replace("/srv/", f"{tmp_path}/srv/")
        if here.startswith("cd "):
            monkeypatch.chdir(here.removeprefix("cd "))
        elif here.startswith("warn ") and not here.startswith(NEEDS_MORE):
            done = run(here)
            assert done.exit_code == 0, f"{here}\n{done.output[-1500:]}"


@pytest.mark.slow
def test_the_readme_tells_what_its_example_of_an_edit_does(tmp_path: Path, run: Callable[[str], Result]):
    run("warn init .")
    path = tmp_path / "rules" / "convoys.yaml"
    before = path.read_text(encoding="utf-8")
    ladder = "rises_to: {tension: 1, alert: 2, crisis: 6}"
    assert ladder in before
    path.write_text(before.replace(ladder, ladder.replace("2", "3"), 1), encoding="utf-8")

    assert run("warn rules check").exit_code == 0
    tested = run("warn rules test rules/tests/convoys.yaml")
    assert tested.exit_code == 1
    assert "two confirmed attacks raise to alert" in tested.output
    score = json.loads(run("warn rules backtest convoy-attacks --json").stdout)["score"]
    assert f"hits {score['hits']} of\nthe 5 impacts instead of 5" in PAGES["README.md"]

    path.write_text(before.replace("over: 28d", "over: 28j", 1), encoding="utf-8")
    wrong = run("warn rules check rules/convoys.yaml")
    assert wrong.exit_code == 1
    shown = next(body for name, body in blocks("text") if name == "README.md" and "28j" in body)
    assert shown in wrong.stdout


def test_the_shipped_schema_is_found_by_the_editors_first_line():
    for name in folders.rules_texts(docs.RULES):
        text = (docs.RULES / name).read_text(encoding="utf-8")
        if "\nrules:" in text and "/" not in name:
            assert "$schema=schema.json" in text.splitlines()[0], name
    assert docs.SCHEMA.exists()
