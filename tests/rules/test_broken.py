"""Every broken file of the corpus is told at the right place, by the right name, in two languages, and never loads.

A file says itself what is expected of it: `# expect: line:column code`, one line per fault.
"""

import re
from pathlib import Path

import pytest
from warn.rules.codes import EXPLAINED
from warn.rules.sentences import WARNINGS

from tests.rules.folder import BROKEN, loaded

FILES = sorted(BROKEN.glob("*.yaml"))
EXPECT = re.compile(r"^# expect: (\d+):(\d+) ([a-z-]+)$", re.MULTILINE)


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(FILES) >= 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_broken_file_gets_exactly_the_faults_it_expects(path: Path):
    text = read(path)
    expected = sorted((int(line), int(column), code) for line, column, code in EXPECT.findall(text))
    rules, faults = loaded({path.name: text})
    assert [(fault.line, fault.column, fault.code) for fault in faults] == expected
    assert (rules is None) == any(code not in WARNINGS for *_, code in expected)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_fault_says_in_both_languages_what_to_do(path: Path):
    for fault in loaded({path.name: read(path)})[1]:
        for lang in ("en", "fr"):
            message, suggestion = fault.said(lang)
            assert message
            assert suggestion
            assert not re.search(r"(?<!\{)\{\w+\}(?!\})", message.replace("{}", "")), (
                "a blank was left unfilled"
            )
        assert fault.message != fault.french[0]
        assert fault.code in EXPLAINED


def test_almost_every_code_has_a_file_that_shows_it():
    shown = {code for path in FILES for *_, code in EXPECT.findall(read(path))}
    unshown = set(EXPLAINED) - shown
    elsewhere = {"geography", "lexicon", "unknown-source"}  # tests/app/test_judging.py
    assert unshown <= {"too-long", "no-scenario", "syntax", "length", "not-text"} | elsewhere
