from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from warn.digest.editions import Edition, Had, due, moves, next_edition, wishes
from warn.digest.select import Heard, Holds, News, decide, quiet_until
from warn.model import Level, Preferences, Recipient, Transition

from tests.digest.world import TWO, at

NOON = at("2025-09-15T12:00")
NIGHT = at("2025-09-15T00:00")
RESIDENT = Preferences()
NO_HOLDS = Holds()


def news(kind: Any = "raised", level: int = 3, before: int = 2, episode: str = "e1", **more: Any) -> News:
    moved = Transition(
        more.pop("rule", "convoy-attacks"),
        (),
        NOON,
        kind,
        Level(level),
        Level(before),
        TWO,
    )
    return News(moved, episode, family=more.pop("family", "supply"), **more)


def heard(level: int = 3, **more: Any) -> Heard:
    return Heard(Level(level), NOON - timedelta(days=3), highest=more.pop("highest", Level(level)), **more)


def way(
    one: News, who: Preferences = RESIDENT, told: Heard | None = None, now: datetime = NOON, **holds: Any
) -> str:
    known = {one.episode: told} if told else {}
    return decide([one], who, known, now, Holds(**holds)).decisions[0].way


@pytest.mark.parametrize(
    ("level", "least", "immediate", "expected"),
    [
        (3, 2, 3, "now"),
        (2, 2, 3, "digest"),
        (2, 3, 3, "never"),
        (2, 2, 2, "now"),
        (4, 2, None, "digest"),
        (1, 2, 3, "never"),
    ],
)
def test_least_level_and_immediate_level_decide_on_a_rise(
    level: int, least: int, immediate: Any, expected: str
) -> None:
    who = replace(RESIDENT, least_level=Level(least), immediate_from=Level(immediate) if immediate else None)
    assert way(news("opened", level, 0), who) == expected


@pytest.mark.parametrize(
    ("who", "more"),
    [
        ({"families": ("price",)}, {}),
        ({"corridors": ("kita",)}, {"corridor": "kayes"}),
        ({"places": ("segou",)}, {"places": ("kati",)}),
    ],
)
def test_a_rise_outside_what_was_asked_for_is_never_told(who: dict[str, Any], more: dict[str, Any]) -> None:
    assert way(news(**more), replace(RESIDENT, **who)) == "never"
    assert way(news(), replace(RESIDENT, corridors=("kita",))) == "now"


def test_quiet_hours_hold_all_but_crisis_until_they_end() -> None:
    held = decide([news()], RESIDENT, {}, NIGHT, NO_HOLDS).decisions[0]
    assert (held.way, held.until) == ("hold", at("2025-09-15T06:00"))
    assert way(news("raised", 4, 3), now=NIGHT) == "now"
    assert way(news("eased", 3, 4), told=heard(4), now=NIGHT) == "hold"
    assert way(news("updated", 3, 3), told=heard(3), now=NIGHT) == "hold"


def test_quiet_hours_that_end_in_a_repeated_hour_end_later_than_now() -> None:
    paris = replace(RESIDENT, timezone="Europe/Paris", quiet_from=time(22), quiet_until=time(2, 30))
    assert quiet_until(paris, at("2026-10-25T00:15")) == at("2026-10-25T00:30"), "the first pass"
    assert quiet_until(paris, at("2026-10-25T01:15")) == at("2026-10-25T01:30"), "the second"
    assert quiet_until(paris, at("2026-10-25T01:45")) is None


def test_quiet_hours_are_those_of_the_readers_clock() -> None:
    paris = replace(RESIDENT, timezone="Europe/Paris")
    assert quiet_until(paris, at("2025-07-01T21:00")) == at("2025-07-02T04:00")
    assert quiet_until(RESIDENT, at("2025-07-01T21:00")) is None
    assert quiet_until(replace(RESIDENT, quiet_from=None), NIGHT) is None
    assert quiet_until(
        replace(RESIDENT, quiet_from=time(13), quiet_until=time(15)), at("2025-07-01T14:00")
    ) == at("2025-07-01T15:00")


@pytest.mark.parametrize("kind", ["eased", "closed", "corrected", "withdrawn"])
def test_eases_ends_and_corrections_go_to_those_who_had_a_message_the_way_it_came(kind: str) -> None:
    one = news(kind, 2, 3)
    deaf = replace(RESIDENT, least_level=Level.CRISIS, immediate_from=None, families=("price",))
    assert way(one) == "never"
    assert way(one, deaf, heard(3)) == "now"
    assert way(one, deaf, heard(3, way="digest")) == "digest"


def test_a_mute_holds_all_but_a_rise_above_the_level_at_which_it_was_set() -> None:
    muted = {"e1": (NOON + timedelta(hours=5), Level.ALERT)}
    assert way(news("raised", 3, 2), muted=muted) == "hold"
    assert way(news("raised", 4, 3), told=heard(3), muted=muted) == "now"
    assert (
        way(news("closed", 0, 3), told=heard(3), silenced={"*": (NOON + timedelta(hours=1), Level.CRISIS)})
        == "hold"
    )
    assert way(news(), muted={"e1": (NOON - timedelta(hours=1), Level.ALERT)}) == "now"


def test_after_a_hold_only_a_difference_to_what_was_last_heard_is_told() -> None:
    assert (
        way(news("eased", 2, 3, held=True), replace(RESIDENT, immediate_from=Level.TENSION), heard(2))
        == "never"
    )
    assert way(news("eased", 3, 4, held=True), told=heard(2)) == "now"
    assert way(news("updated", 3, 3, held=True)) == "now"
    assert way(news("closed", 0, 3, held=True)) == "never"


def test_an_ease_from_a_level_that_was_never_told_to_the_one_that_was_is_no_news() -> None:
    assert way(news("eased", 3, 4), told=heard(3)) == "never"
    assert way(news("eased", 3, 4), told=heard(4)) == "now"


def test_a_reminder_stops_at_an_acknowledgement_but_its_term_is_renewed_in_place() -> None:
    (plain,) = decide([news("reminded", 3, 3)], RESIDENT, {"e1": heard(3)}, NOON, NO_HOLDS).decisions
    seen = Holds(acknowledged={"e1"})
    (renewed,) = decide([news("reminded", 3, 3)], RESIDENT, {"e1": heard(3)}, NOON, seen).decisions
    assert [(one.way, one.edits) for one in (plain, renewed)] == [("now", False), ("now", True)]
    assert way(news("raised", 4, 3), told=heard(3), acknowledged={"e1"}) == "now"
    assert way(news("reminded", 3, 3, held=True), told=heard(3)) == "now"


def test_blind_is_told_at_once_only_above_level_two_and_once_a_week() -> None:
    blind = news("blind", 3, 3)
    assert way(blind, told=heard(3)) == "now"
    assert way(blind, told=heard(2)) == "digest"
    assert way(blind, told=heard(3, blind_told_at=NOON - timedelta(days=2))) == "digest"
    assert way(blind) == "digest"
    assert (
        way(news("sighted", 3, 3), told=heard(3, blind=True, blind_told_at=NOON - timedelta(days=9))) == "now"
    )
    assert way(news("sighted", 3, 3), told=heard(3)) == "digest"


def test_an_update_edits_the_message_without_sound() -> None:
    verdict = decide([news("updated", 3, 3)], RESIDENT, {"e1": heard(3)}, NOON, NO_HOLDS)
    assert verdict.lead is None
    assert [(d.edits, d.quiet) for d in verdict.edits] == [(True, True)]


def test_one_message_per_tick_in_which_the_composite_speaks_for_its_parts() -> None:
    parts = [news(episode=f"p{n}", rule=f"part-{n}") for n in range(3)]
    whole = news("opened", 3, 0, episode="all", rule="combined-stage", parts=("part-0", "part-1"))
    verdict = decide([*parts, whole], RESIDENT, {}, NOON, NO_HOLDS)
    assert verdict.lead is not None
    assert verdict.lead.news.episode == "all"
    assert [d.reason for d in verdict.also][:1] == ["level 3 reached"]
    assert {d.news.episode for d in verdict.also if "speaks for it" in d.reason} == {"p0", "p1"}


def test_an_inhibited_rise_stands_back_only_behind_what_this_reader_is_told_of() -> None:
    one = news(inhibited_by=("big",))
    assert way(one) == "now"
    verdict = decide([one], RESIDENT, {"big": heard(4)}, NOON, NO_HOLDS)
    assert verdict.decisions[0].way == "digest"
    assert verdict.lead is None


def test_embassy_notices_reach_residents_in_the_digest_unless_they_ask() -> None:
    one = news(embassy=True)
    assert way(one) == "digest"
    assert way(one, replace(RESIDENT, embassy_notices=True)) == "now"
    assert way(one, replace(RESIDENT, kind="press")) == "now"


def test_sound_follows_the_level() -> None:
    loud = decide([news()], RESIDENT, {}, NOON, NO_HOLDS).lead
    soft = decide(
        [news("opened", 2, 0)], replace(RESIDENT, immediate_from=Level.TENSION), {}, NOON, NO_HOLDS
    ).lead
    end = decide([news("closed", 0, 3)], RESIDENT, {"e1": heard(2, highest=Level.ALERT)}, NOON, NO_HOLDS).lead
    assert loud is not None
    assert soft is not None
    assert end is not None
    assert (loud.quiet, soft.quiet, end.quiet) == (False, True, False)


JOINED = at("2025-01-01")
YESTERDAY = date(2025, 10, 7)
DAY = timedelta(days=1)


def reader(who: Preferences = RESIDENT, joined_at: datetime = JOINED, **more: Any) -> Recipient:
    return Recipient("r", "email", who, joined_at, **more)


def had(**editions: datetime) -> Any:
    """What arrived, each made on the day it was for."""
    return lambda: {edition: Had(made.date(), made) for edition, made in editions.items()}


SIX = at("2025-10-07T06:00") + timedelta(seconds=20)  # when yesterday's was made


def test_an_edition_is_due_at_the_readers_hour_in_the_readers_zone() -> None:
    paris = replace(RESIDENT, timezone="Europe/Paris")
    assert not due(reader(paris), {"daily": YESTERDAY}, at("2025-10-08T03:59"))
    (one,) = due(reader(paris), {"daily": YESTERDAY}, at("2025-10-08T04:00"), had(daily=SIX))
    assert (one.edition, one.local_date, one.late, one.gap) == ("daily", date(2025, 10, 8), False, None)
    assert one.next_at == at("2025-10-09T04:00")
    assert not due(reader(paris), {"daily": date(2025, 10, 8)}, at("2025-10-08T04:00"))


def test_an_edition_up_to_six_hours_late_is_sent_and_says_so_and_later_is_skipped_and_named() -> None:
    (late,) = due(reader(), {"daily": YESTERDAY}, at("2025-10-08T11:59"))
    assert late.late
    assert not due(reader(), {"daily": YESTERDAY}, at("2025-10-08T12:01"))
    (following,) = due(reader(), {"daily": YESTERDAY}, at("2025-10-09T06:00"), had(daily=SIX))
    assert following.gap == at("2025-10-08T06:00")
    assert not following.late


def test_nothing_from_before_somebody_joined_is_due_or_missed() -> None:
    (first,) = due(reader(joined_at=at("2025-10-08T05:00")), {}, at("2025-10-08T06:00"))
    assert first.gap is None
    assert not due(reader(joined_at=at("2025-10-08T07:00")), {}, at("2025-10-08T07:01"))


def test_evening_and_weekly_editions_come_only_to_those_who_want_them() -> None:
    keen = replace(RESIDENT, evening=True, weekly=True, digest_at=None)
    monday = at("2025-10-06T18:00")
    assert [d.edition for d in due(reader(keen, at("2025-10-06T01:00")), {}, monday)] == ["evening"]
    assert [d.edition for d in due(reader(keen, at("2025-10-06T01:00")), {}, at("2025-10-06T06:00"))] == [
        "weekly"
    ]
    assert next_edition("daily", keen, monday) is None
    assert next_edition("weekly", keen, monday) == at("2025-10-13T06:00")


def test_who_wants_a_weekly_edition_gets_it_at_their_hour_and_in_place_of_the_daily_one() -> None:
    less = replace(RESIDENT, weekly=True, digest_at=time(19))
    assert [d.edition for d in due(reader(less), {}, at("2025-10-06T19:00"))] == ["weekly"]
    assert not due(reader(less), {}, at("2025-10-06T06:00"))
    assert not due(reader(less), {"weekly": date(2025, 10, 6)}, at("2025-10-07T19:00"))
    assert next_edition("daily", less, at("2025-10-06T19:00")) is None


def test_a_night_that_skips_the_hour_of_an_edition_still_has_one() -> None:
    berlin = replace(RESIDENT, timezone="Europe/Berlin", digest_at=time(2, 30))
    found = [
        one.at
        for hours in range(30)
        for one in due(
            reader(berlin),
            {"daily": date(2025, 3, 29)},
            datetime(2025, 3, 30, tzinfo=UTC) + timedelta(hours=hours),
        )
        if one.local_date == date(2025, 3, 30)
    ]
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    ("now", "arrived", "since", "gap"),
    [
        ("2025-10-08T06:00", {"daily": SIX}, "2025-10-07T06:00", None),
        ("2025-10-09T06:00", {"daily": SIX}, SIX, "2025-10-08T06:00"),
        ("2025-10-12T06:00", {"daily": SIX}, SIX, "2025-10-11T06:00"),
        ("2025-10-08T06:00", {"daily": SIX + timedelta(hours=5)}, SIX + timedelta(hours=5), None),
        (
            "2025-10-09T06:00",
            {"daily": SIX, "evening": SIX + 1.5 * DAY},
            "2025-10-08T06:00",
            "2025-10-08T06:00",
        ),
        ("2025-10-09T06:00", {"daily": SIX, "evening": SIX + DAY / 2}, SIX + DAY / 2, "2025-10-08T06:00"),
        ("2025-12-24T06:00", {"daily": SIX}, "2025-12-09T06:00", "2025-12-23T06:00"),
        ("2025-12-24T06:00", {}, "2025-12-09T06:00", "2025-12-23T06:00"),
    ],
)
def test_an_edition_tells_everything_since_the_last_one_that_its_reader_had(
    now: str, arrived: dict[str, datetime], since: Any, gap: str | None
) -> None:
    (one,) = due(reader(), {}, at(now), had(**arrived))
    assert one.since == (at(since) if isinstance(since, str) else since)
    assert one.gap == (at(gap) if gap else None)


def test_who_is_new_hears_of_one_day_and_who_never_had_one_of_all_that_were_owed() -> None:
    hours = at("2025-10-08T06:00"), at("2025-10-10T06:00")
    first, third = (due(reader(joined_at=at("2025-10-07T12:00")), {}, now)[0] for now in hours)
    assert (first.since, first.gap) == (at("2025-10-07T06:00"), None)
    assert (third.since, third.gap) == (at("2025-10-07T06:00"), at("2025-10-09T06:00"))


def test_a_week_after_one_that_was_lost_tells_both() -> None:
    less = replace(RESIDENT, weekly=True)
    monday = at("2025-10-20T06:00")
    (one,) = due(reader(less), {}, monday, had(weekly=at("2025-10-06T06:00")))
    assert (one.since, one.gap) == (at("2025-10-06T06:00"), at("2025-10-13T06:00"))


@pytest.mark.parametrize(
    ("before", "after", "changed", "comes"),
    [
        (time(7), time(8), "07:30", None),
        (time(8), time(7), "07:30", "07:30"),
        (time(18), time(6), "07:00", "07:00"),
        (time(18), time(6), "14:00", "14:00"),
        (time(8), time(20), "07:30", "20:00"),
        (time(6), None, "05:00", None),
        (None, time(6), "07:00", None),
    ],
)
def test_another_hour_costs_nobody_a_day_and_gives_nobody_two(
    before: time | None, after: time | None, changed: str, comes: str | None
) -> None:
    old, new = replace(RESIDENT, digest_at=before), replace(RESIDENT, digest_at=after)
    now = at(f"2025-10-08T{changed}")
    made: dict[Edition, date] = (
        {"daily": now.date()} if before and before < now.time() else {"daily": YESTERDAY}
    )
    who = reader(
        new,
        wished=dict.fromkeys(wishes(new) - wishes(old), now),
        moved_at=now if moves(old, new, now) else None,
    )
    minutes = (
        now + timedelta(minutes=n) for n in range(int((at("2025-10-09") - now) / timedelta(minutes=1)))
    )
    found = next((one for minute in minutes for one in due(who, made, minute, had(daily=SIX))), None)
    assert (found and (f"{found.at:%H:%M}", found.late, found.gap)) == (comes and (comes, False, None))


def test_another_hour_after_an_outage_brings_back_nothing_that_is_too_late() -> None:
    seven = replace(RESIDENT, digest_at=time(7))
    assert not moves(RESIDENT, seven, at("2025-10-08T12:01"))
    assert moves(RESIDENT, seven, at("2025-10-08T11:59"))


def test_an_edition_wished_for_anew_takes_nothing_from_the_others() -> None:
    both = replace(RESIDENT, evening=True)
    nine = at("2025-10-08T09:00")
    assert wishes(both) - wishes(RESIDENT) == {"evening"}
    assert not moves(RESIDENT, both, nine)
    (late,) = due(reader(both, wished={"evening": nine}), {"daily": YESTERDAY}, nine, had(daily=SIX))
    assert (late.edition, late.late) == ("daily", True)
    evening = at("2025-10-08T18:00")
    found = due(reader(both, wished={"evening": evening + DAY / 24}), {"daily": evening.date()}, evening)
    assert not found, "its hour was over"
