from datetime import UTC, datetime, timedelta

from warn.model import Coverage, Poll
from warn.source import Refused
from warn.store import Tx, polls
from warn.store.polls import HttpState

NOW = datetime(2025, 9, 14, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_poll_comes_back_whole(tx: Tx) -> None:
    poll = Poll(
        "feeds", NOW, "ok", message="3 of 4", reaches_back_to=NOW - HOUR, parts={"rfi": True, "x": False},
        found=5, refused=1, took_s=0.25,
    )  # fmt: skip
    polls.record_poll(tx, poll)
    assert polls.polls(tx) == [poll]


def test_polls_are_asked_by_time_and_source(tx: Tx) -> None:
    rows = [Poll(source, NOW + n * HOUR, "no_data") for n in range(3) for source in ("a", "b")]
    for poll in reversed(rows):
        polls.record_poll(tx, poll)
    assert [poll.at for poll in polls.polls(tx, source="a")] == [NOW, NOW + HOUR, NOW + 2 * HOUR]
    assert {poll.at for poll in polls.polls(tx, since=NOW + HOUR)} == {NOW + HOUR, NOW + 2 * HOUR}


def test_the_newest_poll_and_the_newest_good_one_are_told_apart(tx: Tx) -> None:
    for n, outcome in enumerate(("ok", "blocked")):
        polls.record_poll(tx, Poll("a", NOW + n * HOUR, outcome))  # type: ignore[arg-type] # from a tuple
    polls.record_poll(tx, Poll("b", NOW, "error"))
    newest = polls.newest_polls(tx)
    assert [poll and poll.outcome for poll in newest["a"]] == ["blocked", "ok"]
    assert newest["b"][1] is None


def test_a_coverage_statement_is_kept_once(tx: Tx) -> None:
    one = Coverage("file", ("convoy_attack", "abduction"), NOW, NOW + HOUR)
    for statement in (one, one, Coverage("file", (), NOW, NOW + HOUR)):
        polls.add_coverage(tx, statement)
    assert polls.coverage(tx) == [
        Coverage("file", ("abduction", "convoy_attack"), NOW, NOW + HOUR),
        Coverage("file", (), NOW, NOW + HOUR),
    ]


def test_a_refused_row_that_comes_again_is_counted_and_not_kept_again(tx: Tx) -> None:
    bad = Refused("price 130 is in dollars", "130", line=4, column=2)
    polls.set_aside(tx, "wfp_prices", [bad, Refused("no date", "x")], NOW)
    polls.set_aside(tx, "wfp_prices", [bad], NOW + HOUR)
    assert polls.aside(tx, "wfp_prices")[0] == ("wfp_prices", bad, 2)
    assert polls.aside_counts(tx) == {"wfp_prices": 2}
    assert polls.aside(tx, "feeds") == []


def test_what_a_page_answered_last_is_remembered_for_each_part(tx: Tx) -> None:
    polls.put_http_state(tx, "feeds", "rfi", HttpState(etag='"1"'), NOW)
    polls.put_http_state(tx, "feeds", "bbc", HttpState(last_modified="Mon"), NOW)
    polls.put_http_state(tx, "feeds", "rfi", HttpState(etag='"2"', cursor="c"), NOW)
    assert polls.http_state(tx, "feeds") == {
        "rfi": HttpState(etag='"2"', cursor="c"),
        "bbc": HttpState(last_modified="Mon"),
    }
