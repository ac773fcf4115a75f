"""Reporters, their links and reports in quarantine, and the messages still to be taken away; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from warn.model import Evidence, Level, Observation, Transition
from warn.store import Store, Tx, alerts, observations, reporters, reports, traces
from warn.store.vault import Vault

NOW = datetime(2026, 11, 22, 14, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
VAULT = Vault(b"k" * 32)
SAID = Observation(
    "station_has_fuel", NOW.replace(minute=0), NOW, 0.0, source="bot", origins=("reporter-a",), place="Bamako",
    lat=12.6, lon=-8.0, precision="town", grade="C3", attributes={"product": "petrol"}, key="k1",
)  # fmt: skip


def said(key: str, mark: str = "reporter-a", **more: object) -> Observation:
    return replace(SAID, key=key, origins=(mark,), **more)  # type: ignore[arg-type]


def test_an_invitation_makes_one_reporter_and_is_used_up(tx: Tx) -> None:
    made = reporters.invite(tx, NOW)
    assert reporters.invited(tx, NOW) == [(made.reporter, made.expires_at)]
    awa = reporters.welcome(tx, VAULT, "1001", made.token, NOW)
    assert awa
    assert awa.id == made.reporter
    assert reporters.welcome(tx, VAULT, "1002", made.token, NOW) is None
    assert reporters.find(tx, VAULT, "1001") == awa
    assert reporters.find(tx, VAULT, "1002") is None
    assert reporters.listed(tx) == [awa]


def test_a_link_that_is_too_old_or_not_ours_makes_nobody(tx: Tx) -> None:
    made = reporters.invite(tx, NOW)
    assert reporters.welcome(tx, VAULT, "1001", made.token, made.expires_at) is None
    assert reporters.welcome(tx, VAULT, "1001", made.token, NOW) is None, "and it is used up by that"
    assert reporters.welcome(tx, VAULT, "1001", "\udc80' OR 1=1", NOW) is None
    reporters.invite(tx, NOW - 4 * 24 * HOUR)
    assert reporters.invited(tx, NOW) == []
    assert reporters.listed(tx) == []


def test_who_is_a_reporter_already_stays_the_same(tx: Tx) -> None:
    first, second = reporters.invite(tx, NOW), reporters.invite(tx, NOW)
    awa = reporters.welcome(tx, VAULT, "1001", first.token, NOW)
    assert reporters.welcome(tx, VAULT, "1001", second.token, NOW + HOUR) == awa


def test_revoking_ends_a_reporter_or_a_link(tx: Tx) -> None:
    used, unused = reporters.invite(tx, NOW), reporters.invite(tx, NOW)
    awa = reporters.welcome(tx, VAULT, "1001", used.token, NOW)
    assert awa
    assert reporters.revoke(tx, used.reporter) == awa.mark
    assert reporters.find(tx, VAULT, "1001") is None
    assert reporters.revoke(tx, unused.reporter) == ""
    assert reporters.welcome(tx, VAULT, "1002", unused.token, NOW) is None
    assert reporters.revoke(tx, "r000000") is None


def test_no_chat_stands_in_the_database_in_the_open(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        made = reporters.invite(tx, NOW)
        reporters.welcome(tx, VAULT, "700112233", made.token, NOW)
        reporters.invite(tx, NOW)
        traces.leave(tx, VAULT, (700112233, 5), NOW)
    sqlite_store.close()
    assert sqlite_store.path
    for file in sqlite_store.path.parent.glob("warn.db*"):
        assert b"700112233" not in file.read_bytes()
        assert made.token.encode() not in file.read_bytes()


def test_a_report_goes_in_whole_and_once(tx: Tx) -> None:
    assert reports.receive(tx, SAID, NOW)
    assert not reports.receive(tx, SAID, NOW + HOUR)
    (one,) = reports.having(tx, "waiting")
    assert replace(one.said, known_at=NOW) == SAID
    assert (one.received_at, one.mark) == (NOW.replace(minute=0), "reporter-a")
    assert reports.get(tx, one.id) == one
    assert reports.get(tx, 99) is None


def test_a_decision_is_made_once_and_a_refusal_keeps_nothing_but_the_count(tx: Tx) -> None:
    for key in ("k1", "k2", "k3"):
        reports.receive(tx, said(key), NOW)
    first, second, third = (one.id for one in reports.having(tx, "waiting"))
    assert reports.accept(tx, first, NOW, NOW + 4 * HOUR)
    assert not reports.accept(tx, first, NOW, NOW)
    assert reports.refuse(tx, second, NOW)
    assert not reports.accept(tx, second, NOW, NOW)
    refused = reports.get(tx, second)
    assert refused
    assert (refused.said.place, refused.said.lat, refused.said.value) == ("", None, 0.0)
    assert not refused.said.attributes
    assert reports.counts(tx) == {"accepted": 1, "refused": 1, "waiting": 1}
    assert reports.counts(tx, ["reporter-b"]) == {}
    assert [one.id for one in reports.by_author(tx, ["reporter-a"], NOW - HOUR)] == [first, second, third]
    assert reports.by_author(tx, ["reporter-a"], NOW + HOUR) == []
    assert reports.refuse_of(tx, ["reporter-a"], NOW) == 2


def test_what_is_told_becomes_an_observation_of_its_moment(tx: Tx) -> None:
    reports.receive(tx, SAID, NOW)
    (one,) = reports.having(tx, "waiting")
    reports.accept(tx, one.id, NOW, NOW + 4 * HOUR)
    (accepted,) = reports.having(tx, "accepted")
    reports.tell(tx, [(accepted, NOW + 5 * HOUR)], NOW)
    (stored,) = observations.load(tx)
    assert replace(stored, stored_at=None) == replace(SAID, known_at=NOW + 5 * HOUR)
    assert reports.counts(tx) == {"told": 1}


def test_what_waits_too_long_is_only_counted_and_old_marks_go(tx: Tx) -> None:
    for nth, key in enumerate(("k1", "k2", "k3", "k4")):
        reports.receive(tx, said(key, occurred_at=NOW - nth * 24 * HOUR), NOW - nth * 24 * HOUR)
    old = reports.having(tx, "waiting")[2].id
    reports.accept(tx, old, NOW, NOW)
    assert reports.expire(tx, NOW - 60 * HOUR, NOW - 40 * HOUR) == 2
    assert reports.counts(tx) == {"waiting": 2, "expired": 2}
    assert reports.blank_marks(tx, NOW - 30 * HOUR) == 2
    assert len(reports.by_author(tx, ["reporter-a"], NOW - 99 * HOUR)) == 2


def test_erasing_takes_a_mark_out_of_everything_it_stands_in(tx: Tx) -> None:
    for said_ in (SAID, said("k2"), said("k3"), said("k4", "reporter-b")):
        reports.receive(tx, said_, NOW)
    hours = {"k1": 1, "k3": 9, "k4": 1}
    told = [
        (one, NOW + hours[one.said.key] * HOUR)
        for one in reports.having(tx, "waiting")
        if one.said.key in hours
    ]
    reports.tell(tx, told, NOW)
    proof = Evidence(value=0, lo=0, hi=0, threshold=0, thresholds={}, origins=("reporter-a", "reporter-b"))
    opened = Transition("station-fuel", (), NOW, "opened", Level.ALERT, Level.CALM, proof, opened_at=NOW)
    alerts.apply(tx, NOW, [], [opened])
    _, before = observations.changed_after(tx, 0)
    assert reports.erase(tx, ["reporter-a", "reporter-zz"], NOW + 2 * HOUR) == 3
    assert [one.mark for one in reports.having(tx, "waiting", "told")] == ["reporter-b"]
    kept = {one.key: one for one in observations.load(tx)}
    assert set(kept) == {"k1", "k3", "k4"}
    assert kept["k1"].superseded_at is None, "readers were told of it"
    assert kept["k3"].superseded_at == NOW + 2 * HOUR, "nobody ever will be told of it"
    (lot,) = kept["k1"].origins
    assert lot.startswith("reporter-")
    assert lot != "reporter-a"
    assert (kept["k3"].origins, kept["k4"].origins) == ((lot,), ("reporter-b",))
    assert {one.key for one in observations.changed_after(tx, before)[0]} == {"k1", "k3"}
    (stored,) = alerts.transitions(tx)
    assert stored.transition.evidence.origins == (lot, "reporter-b")


def test_a_trace_is_due_until_it_is_gone(tx: Tx) -> None:
    traces.leave(tx, VAULT, (1001, 5), NOW)
    traces.leave(tx, VAULT, (1001, 5), NOW + HOUR)
    traces.leave(tx, VAULT, (-1002, 6), NOW + HOUR)
    assert traces.due(tx, VAULT, NOW) == [(1001, 5)]
    traces.gone(tx, VAULT, (1001, 5))
    assert traces.due(tx, VAULT, NOW + HOUR) == [(-1002, 6)]
    traces.leave(tx, Vault(b"another key" * 3), (1003, 7), NOW)
    assert traces.due(tx, VAULT, NOW + HOUR) == [(-1002, 6)]
