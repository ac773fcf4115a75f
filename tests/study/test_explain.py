"""`explain` as people and programs read it."""

import json
from typing import Any

import pytest
from warn.study.explain import explain, explain_text

from tests.rules.engine_kit import FAR, engine, hours, row, rule

ROWS = [
    row(24, origins=("RFI",), url="https://example.org/a"),
    row(72, lat=11.32, lon=-5.67, place="Sikasso", grade="C3", key="s"),
    row(80, key="far", **FAR),
]


def explained(at=100, rules=None, name="attacks"):
    made = engine(rules or [rule()], ROWS)
    return explain(made, name, hours(at), number=12)


def test_it_can_be_stored_and_read_by_programs():
    found = json.loads(json.dumps(explained(), allow_nan=False))
    assert (found["value"], found["known"], found["level"], found["state"]) == (1, True, 2, "open")
    assert [i["counted"] for i in found["tree"]["incidents"]] == [False, False, True]
    assert found["up"] == {"level": 3, "number": 2, "missing": 1}


def test_the_tree_shows_what_counted_what_did_not_and_what_it_would_take():
    text = explain_text(explained(), heard=["s-41c2  told 06:00Z"])
    for line in (
        "No. 12  attacks   -",
        "tension 2/4 since 2025-09-02 00:00Z; open since 2025-09-02 00:00Z; news is coming in",
        "as of 2025-09-05 04:00Z; facts known later are not used",
        "= distinct incidents of convoy_attack",
        "in the 14 days to 2025-09-05 04:00Z (from 2025-08-22 04:00Z)",
        "https://example.org/a",
        "not confirmed; would count with 2 independent origins, or grade B2 set by a curator",
        "not near enough, or place not known to the town",
        'yes, the whole window was watched: the value is 1, not "1 or more"',
        "up    alert at 2",
        "down  with nothing new: 0 from 18 Sep, so closed on 20 Sep (48 h)",
        "2025-09-02 00:00Z  opened",
        "s-41c2  told 06:00Z",
    ):
        assert line in text, line


def test_every_report_that_does_not_count_says_why():
    state = {"state": {"on": "school_closure", "off": "school_reopening"}, "confirmed_by": {"origins": 2}}
    closed: dict[str, Any] = {"indicator": "school_closure", "grade": "C3"}
    made = engine(
        [rule("schools", family="services", measure=state, rises_to={"alert": 1}), rule("power", family="power", measure={"latest": "power_hours"}, rises_to=None, falls_to={"alert": 6})],
        [
            row(24, origins=("RFI",), key="a", **closed),
            row(48, origins=("AFP",), key="b", **closed),
            row(96, origins=("AP",), place="Kayes", lat=14.4, lon=-11.4, key="c", **closed),
            row(24, indicator="power_hours", value=4.0, key="d"),
            row(48, indicator="power_hours", value=5.0, key="e"),
        ],
    )  # fmt: skip
    schools, power = (explain(made, name, hours(100)) for name in ("schools", "power"))
    told = [(one["origins"], one["counted"], one["why_not"]) for one in schools["tree"]["reports"]]
    assert told == [
        (["AP"], False, "not confirmed; would count with 2 independent origins"),
        (["AFP"], True, ""),
        (["RFI"], False, "older: the newest report decides"),
    ]
    assert "of one event that 2 origins tell: AFP, RFI" in explain_text(schools)
    assert "plus ancien\u00a0: le rapport le plus récent décide" in explain_text(schools, "fr")
    assert [one["why_not"] for one in power["tree"]["reports"]] == ["", "older: the newest report decides"]


def test_french_has_no_english_left():
    text = explain_text(explained(), "fr")
    assert "tension 2/4 depuis 2025-09-02 00:00Z\u00a0; ouverte depuis" in text
    assert "WHY" not in text
    assert "counted" not in text


def test_a_window_that_was_not_watched_is_named():
    found = explain(engine([rule(stale_after="1d")], ROWS[:1], coverage=[]), "attacks", hours(30))
    assert "no: 1, or something else, because part of the window was not watched" in explain_text(found)
    assert found["tree"]["gaps"] == [
        {"indicator": "convoy_attack", "from": hours(30 - 336).isoformat(), "to": hours(30).isoformat()}
    ]


def test_a_composite_names_the_rules_it_counts_and_those_that_never_had_data():
    schools = rule("schools", family="services", measure={"state": {"on": "school_closure", "off": "school_reopening"}},
                   rises_to={"alert": 1})  # fmt: skip
    stage = rule("stage", family=None, measure={"families": {"at": "tension"}}, rises_to={"alert": 1})
    text = explain_text(explained(rules=[rule(), schools, stage], name="stage"))
    assert "+ attacks" in text
    assert "- schools  (never had data)" in text


NO_NEWS = {"en": "no news", "fr": "sans nouvelles"}
LOST = {"en": "lost from sight", "fr": "perdue de vue"}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_an_alert_without_news_and_one_lost_from_sight_are_called_so_wherever_they_stand(lang):
    hours_of_power = rule(
        measure={"latest": "power_hours"},
        rises_to=None,
        falls_to={"alert": 6},
        stale_after="2d",
        lapses_after="5d",
    )
    made = engine([hours_of_power], [row(24, indicator="power_hours", value=5.0)], coverage=[])
    texts = {at: explain_text(explain(made, "attacks", hours(at)), lang) for at in (30, 100, 300)}
    assert not any("{" in text for text in texts.values())
    seen, blind, lapsed = (text.splitlines() for text in texts.values())
    (down,) = [n for n, line in enumerate(seen) if line.startswith(("  down", "  baisse"))]
    assert NO_NEWS[lang] in seen[down]
    assert LOST[lang] in seen[down + 1]
    assert NO_NEWS[lang] in blind[1]
    assert NO_NEWS[lang] in blind[-1]
    assert LOST[lang] in lapsed[1]
    assert LOST[lang] in lapsed[-1]
