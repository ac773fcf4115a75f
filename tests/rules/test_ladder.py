"""The ladder: properties over arbitrary readings, and the cases that people ask about."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from warn.codec import state_from_json, state_to_json
from warn.model import AlertState, Level
from warn.moments import DAY, HOUR, NEVER
from warn.rules.ladder import Reading, Terms, due, step

TERMS = Terms(
    levels=(Level.TENSION, Level.ALERT, Level.CRISIS),
    holds={Level.TENSION: 0, Level.ALERT: 0, Level.CRISIS: 0},
    eases_after=48 * HOUR,
    clears_after=96 * HOUR,
    lapses_after=14 * DAY,
    valid_for=3650 * DAY,
)
HELD = replace(TERMS, holds=dict.fromkeys(TERMS.levels, 6 * HOUR))
NEW = AlertState("r")


def reading(hour: int, sure: int, possible: int | None = None, *, quiet: bool | None = None) -> Reading:
    possible = sure if possible is None else possible
    return Reading(
        hour * HOUR, Level(sure), Level(possible),
        quiet=possible == 0 if quiet is None else quiet, maybe_quiet=sure == 0 if quiet is None else quiet,
    )  # fmt: skip


def clock(readings, hours, terms=TERMS, state=NEW, *, kept=False, sparse=False):
    """Steps at every hour given, or only where a reading turned or a timer rings; what was told, with its hour."""
    told = []
    at, fed = None, -1
    for hour in hours:
        now = hour * HOUR
        current = max(n for n, r in enumerate(readings) if r.at <= now)
        if sparse and at is not None and current == fed and now < due(state, terms, kept=kept):
            continue
        first = max((n for n, r in enumerate(readings) if at is None or r.at <= at), default=0)
        state, moves = step(state, readings[0 if at is None else first : current + 1], now, terms, kept=kept)
        told += [(hour, m.kind, int(m.level)) for m in moves]
        at, fed = now, current
    return state, told


def test_an_alert_opens_at_once_at_the_highest_level_reached():
    assert clock([reading(0, 3)], [0])[1] == [(0, "opened", 3)]


def test_a_level_must_hold_before_it_is_reached():
    assert clock([reading(0, 2)], range(10), HELD)[1] == [(6, "opened", 2)]


def test_a_break_starts_the_wait_anew_and_not_knowing_stops_it():
    broken = [reading(0, 2), reading(4, 0), reading(5, 2)]
    assert clock(broken, range(12), HELD)[1] == [(11, "opened", 2)]
    paused = [reading(0, 2), reading(4, 0, 4), reading(9, 2)]
    assert clock(paused, range(16), HELD)[1] == [(11, "opened", 2)]


def test_it_eases_to_the_highest_level_reached_meanwhile_and_never_below_the_lowest():
    through = [reading(0, 4), reading(10, 3), reading(20, 0, quiet=False)]
    assert clock(through, range(200))[1] == [(0, "opened", 4), (58, "eased", 3), (68, "eased", 2)]


def test_it_closes_when_quiet_for_long_enough_and_reappearing_before_is_the_same_episode():
    again = [reading(0, 2), reading(10, 0), reading(100, 2), reading(110, 0)]
    state, told = clock(again, range(300))
    assert told == [(0, "opened", 2), (206, "closed", 0)]
    assert state.status == "closed"


def test_a_keeper_blocks_closing_but_not_easing():
    state, told = clock([reading(0, 3), reading(1, 0)], range(400), kept=True)
    assert told == [(0, "opened", 3), (49, "eased", 2)]
    assert state.is_open


def test_it_turns_blind_lapses_and_is_sighted_again():
    lost = [reading(0, 3), reading(5, 0, 4), reading(400, 3)]
    assert clock(lost, range(500))[1] == [
        (0, "opened", 3),
        (5, "blind", 3),
        (341, "lapsed", 3),
        (400, "sighted", 3),
    ]


def test_a_lapsed_alert_still_rises_on_known_facts_and_counts_again():
    lost = [reading(0, 2), reading(5, 0, 4), reading(400, 3, 4)]
    state, told = clock(lost, range(401))
    assert told[-1] == (400, "raised", 3)
    assert state.counts


def test_a_message_that_runs_out_is_renewed():
    terms = replace(TERMS, valid_for=24 * HOUR)
    assert clock([reading(0, 2)], range(50), terms)[1] == [
        (0, "opened", 2),
        (24, "reminded", 2),
        (48, "reminded", 2),
    ]


def test_reminders_come_ever_rarer_up_to_a_longest_pause_and_a_raise_begins_anew():
    terms = replace(TERMS, repeat_every=2 * HOUR, backoff=2.0, repeat_at_most=6 * HOUR)
    _, told = clock([reading(0, 2), reading(21, 3)], range(31), terms)
    assert [(hour, kind) for hour, kind, _ in told] == [
        (0, "opened"), (2, "reminded"), (6, "reminded"), (12, "reminded"), (18, "reminded"),
        (21, "raised"), (23, "reminded"), (27, "reminded"),
    ]  # fmt: skip


def test_a_calm_alert_has_nothing_to_remember():
    state, _ = clock([reading(0, 2), reading(1, 0)], range(200))
    assert "up" not in state.timers
    assert clock([reading(0, 0)], range(5))[0] is NEW


levels = st.sampled_from([0, 2, 3, 4])
spells = st.lists(
    st.tuples(st.integers(1, 60), levels, levels).map(lambda s: (s[0], min(s[1:]), max(s[1:]))),
    min_size=1,
    max_size=6,
)


def through(spells):
    at, found = 0, []
    for length, sure, possible in spells:
        found.append(reading(at, sure, possible))
        at += length
    return found, range(at + 380)


@given(spells, st.sampled_from([TERMS, HELD]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_stepping_only_where_something_turns_equals_stepping_at_every_tick(spells, terms, kept):
    readings, hours = through(spells)
    dense_state, dense = clock(readings, hours, terms, kept=kept)
    sparse_state, sparse = clock(readings, hours, terms, kept=kept, sparse=True)
    assert dense == sparse
    assert state_to_json(dense_state) == state_to_json(sparse_state)


@given(spells, st.sampled_from([TERMS, HELD]))
@settings(max_examples=25, deadline=None)
def test_a_state_survives_the_database_at_every_tick(spells, terms):
    readings, every = through(spells)
    hours = every[::4]
    plain, told = clock(readings, hours, terms)
    state, again = NEW, []
    for hour in hours:
        now = hour * HOUR
        begun = [r for r in readings if r.at <= now]
        state, moves = step(state_from_json(state_to_json(state)), begun, now, terms)
        again += [(hour, m.kind, int(m.level)) for m in moves]
    assert again == told
    assert state == plain


@given(spells, st.sampled_from([TERMS, HELD]))
@settings(max_examples=25, deadline=None)
def test_what_is_not_known_never_opens_raises_eases_or_closes(spells, terms):
    """While nothing at all can be told, an alert may only turn blind or lapse."""
    readings, hours = through(spells)
    dark = [(r.at // HOUR, (readings[n + 1].at // HOUR if n + 1 < len(readings) else NEVER))
            for n, r in enumerate(readings) if (r.sure, r.possible) == (0, 4)]  # fmt: skip
    for hour, kind, _ in clock(readings, hours, terms, sparse=True)[1]:
        if any(a <= hour < b for a, b in dark):
            assert kind in {"blind", "lapsed"}


@given(spells, st.sampled_from([3, 4]))
@settings(max_examples=25, deadline=None)
def test_a_raise_always_gets_through(spells, level):
    """Whatever went before: blind, lapsed, easing or closed, what is known for certain is reached at once."""
    readings, _ = through(spells)
    end = readings[-1].at // HOUR + 400
    state, told = clock([*readings, reading(end, level, 4)], range(end + 1), sparse=True)
    assert state.level >= level
    assert state.counts or told[-1][1] == "lapsed"
