from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from warn.model import Coverage, Poll, SourceFacts
from warn.moments import HOUR, micros
from warn.rules.coverage import Known, complete, gaps, watched

from tests.rules.engine_kit import engine, rule

T0 = datetime(2025, 9, 1, tzinfo=UTC)
H = timedelta(hours=1)


def at(hours: float) -> datetime:
    return T0 + hours * H


def hours(moment: int) -> float:
    return (moment - micros(T0)) / HOUR


def known_at(known: Known, moment: int) -> bool:
    i = int(np.searchsorted(known.at, moment, side="right")) - 1
    return i >= 0 and bool(known.yes[i])


FEEDS = SourceFacts("feeds", {"convoy_attack": 0.0})
SLOW = SourceFacts("ucdp", {"convoy_attack": 10 * 3600.0})


def polled(*moments: float, source: str = "feeds", **more: object) -> list[Poll]:
    return [Poll(source, at(h), "ok", **more) for h in moments]  # type: ignore[arg-type]  # the test's own words


def test_a_poll_vouches_back_to_the_previous_good_one_and_only_once_it_was_made():
    seen = watched("convoy_attack", [FEEDS], {"feeds": polled(0, 10)}, [])
    assert gaps(seen, micros(at(0)), micros(at(12)), micros(at(9))) == [(micros(at(0)), micros(at(12)))]
    assert gaps(seen, micros(at(0)), micros(at(12)), micros(at(10))) == [(micros(at(10)), micros(at(12)))]


def test_a_failed_poll_vouches_for_nothing():
    polls = [*polled(0), Poll("feeds", at(5), "error"), Poll("feeds", at(6), "no_data")]
    seen = watched("convoy_attack", [FEEDS], {"feeds": polls}, [])
    assert [hours(e) for e in seen.edges] == [0, 6]
    assert [hours(c) for c in seen.since] == [6]


def test_a_body_that_reaches_further_back_fills_what_was_missed():
    polls = [*polled(10), *polled(20, reaches_back_to=at(-5))]
    seen = watched("convoy_attack", [FEEDS], {"feeds": polls}, [])
    assert [hours(e) for e in seen.edges] == [-5, 10, 20]


def test_a_source_that_speaks_late_leaves_the_newest_stretch_open():
    seen = watched("convoy_attack", [SLOW], {"ucdp": polled(0, 24, source="ucdp")}, [])
    assert [hours(e) for e in seen.edges] == [-10, 14]


def test_a_source_that_pushes_never_vouches():
    facts = SourceFacts("webhook", {"convoy_attack": 0.0}, vouches=False)
    assert not len(watched("convoy_attack", [facts], {"webhook": polled(0, 10, source="webhook")}, []).since)


def test_half_of_the_core_feeds_are_enough_and_fewer_are_not():
    facts = SourceFacts("feeds", {"convoy_attack": 0.0}, core_parts=("a", "b", "c"))
    answers = {"a": True, "b": True, "c": False, "d": False}
    good = watched("convoy_attack", [facts], {"feeds": polled(0, 10, parts=answers)}, [])
    assert [hours(e) for e in good.edges] == [0, 10]
    poor = watched(
        "convoy_attack", [facts], {"feeds": polled(0, 10, parts={"a": True, "b": False, "c": False})}, []
    )
    assert not len(poor.since)


def test_a_window_is_known_while_at_most_stale_after_of_it_was_not_watched():
    seen = watched("convoy_attack", [], {}, [Coverage("file", (), at(0), at(100))])
    known = complete(seen, 24 * HOUR, 6 * HOUR)
    assert not known_at(known, micros(at(17)))
    assert known_at(known, micros(at(18)))
    assert known_at(known, micros(at(106)))
    assert not known_at(known, micros(at(106)) + 1)


def test_a_statement_about_other_indicators_vouches_for_nothing():
    assert not len(watched("convoy_attack", [], {}, [Coverage("file", ("truce",), at(0), at(9))]).since)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=8),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10)), max_size=2),
    st.integers(0, 3), st.integers(1, 20), st.integers(0, 10),
)  # fmt: skip
def test_known_windows_agree_with_counting_hour_by_hour(polls, records, lag, width, stale):
    made = sorted((p, p - back) for p, back in polls)
    facts = SourceFacts("s", {"x": lag * 3600.0})
    seen = watched(
        "x", [facts],
        {"s": [Poll("s", at(p), "ok", reaches_back_to=at(reach)) for p, reach in made]},
        [Coverage("file", (), at(a), at(a + n)) for a, n in records],
    )  # fmt: skip
    known = complete(seen, width * HOUR, stale * HOUR)

    def covered(hour: int, as_of: float) -> bool:
        """The hour (hour, hour + 1]."""
        if any(a <= hour < a + n for a, n in records):
            return True
        before = None
        for p, reach in made:
            start = min(reach, (p if before is None else before) - lag)
            if p <= as_of and start <= hour < p - lag:
                return True
            before = p
        return False

    for t in range(-5, 90):
        missing = sum(not covered(h, t) for h in range(t - width, t))
        assert known_at(known, micros(at(t))) == (missing <= stale), t


def test_polls_of_a_source_that_pushes_leave_a_count_open_above():
    polls = polled(*range(-400, 2), source="webhook")
    for vouches in (True, False):
        facts = SourceFacts("webhook", {"convoy_attack": 0.0}, vouches=vouches)
        counted = engine([rule()], [], polls, coverage=(), sources=(facts,)).series("attacks")
        assert np.isfinite(counted.value(micros(at(1)))[1]) == vouches
