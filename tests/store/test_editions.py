"""Which editions readers had, and which of them were given up; on both kinds of database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from warn.channel import Receipt
from warn.model import Preferences
from warn.store import Tx, dispatch, editions, outbox, subscribers
from warn.store.outbox import NewDelivery
from warn.store.vault import Vault

from tests.store.letters import rendered

NOW = datetime(2025, 9, 14, 6, 0, 20, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = NOW.date()


def made(tx: Tx, name: str, number: int, state: str, said: str = "", at: datetime = NOW) -> str:
    """A reader, and a bulletin that ended so."""
    vault = Vault(b"k" * 32)
    reader = subscribers.add_pending(tx, vault, "telegram", str(number), Preferences(), at - DAY, name).id
    subscribers.confirm(tx, reader, at - DAY)
    assert editions.make_editions(tx, "daily", at.date(), [(reader, "telegram")], at)
    key = outbox.digest_key("daily", at.date(), reader, "telegram")
    body = rendered(tx, b"bulletin", "digest")
    sent = NewDelivery(key, "telegram", reader, body, 3, at, resend=False, expires_at=at + 7 * DAY / 24)
    outbox.enqueue(tx, [sent], at)
    if state != "ready":
        (one,) = dispatch.claim(tx, at, 1, "me", ["telegram"])
        if state == "sent":
            dispatch.ack_sent(tx, "me", at, [(one.id, Receipt("m1"))])
        else:
            dispatch.ack_failed(tx, "me", at, one.id, state, said, code="400", random=lambda: 0.0)
    return reader


def test_what_was_made_and_what_of_it_never_arrived(tx: Tx) -> None:
    ended = {state: made(tx, state, n, state) for n, state in enumerate(("sent", "uncertain", "dead"), 1)}
    waits = made(tx, "waits", 9, "ready")
    everybody = sorted([*ended.values(), waits])
    assert editions.not_arrived(tx, NOW) == {(ended["dead"], NOW), (waits, NOW)}
    assert editions.not_arrived(tx, NOW + DAY) == set()
    days, whole = [TODAY, TODAY - DAY], ("", "~")
    of_all = [(one, "daily", TODAY, NOW) for one in everybody]
    assert sorted(editions.editions_of(tx, days, whole)) == of_all
    assert editions.editions_of(tx, days, among=[waits]) == [(waits, "daily", TODAY, NOW)]
    assert editions.editions_of(tx, days, (everybody[0], everybody[0])) == of_all[:1]
    assert editions.editions_of(tx, days[1:], whole) == []


def test_bulletins_given_up_are_counted_by_edition_and_reason(tx: Tx) -> None:
    closed, rights = "Topic_closed", "Not enough rights"
    first, second = (made(tx, f"group-{n}", -n, "dead", closed) for n in (1, 2))
    third = made(tx, "group-3", -3, "dead", rights)
    made(tx, "group-4", -4, "dead", closed, NOW + DAY)
    erased = made(tx, "group-5", -5, "dead", closed)
    subscribers.erase(tx, erased)
    found = editions.undelivered(tx, NOW - DAY)
    told = {(one.local_date, one.reason): (one.count, one.recipient) for one in found}
    assert told == {
        (TODAY, closed): (2, max(first, second)),
        (TODAY, rights): (1, third),
        (TODAY + DAY, closed): (1, "group-4"),
    }
    assert [one.local_date for one in editions.undelivered(tx, NOW + DAY / 2)] == [TODAY + DAY]
