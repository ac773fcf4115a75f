"""Small things to send, for tests that do not care what."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from sqlalchemy import text
from warn.model import Level, Preferences
from warn.store import Store, Tx, outbox, subscribers
from warn.store.outbox import NewDelivery, Rendering, Tell
from warn.store.vault import Vault

NOW = datetime(2025, 9, 14, 8, tzinfo=UTC)
VAULT = Vault(b"k" * 32)


class Crash(Exception):  # noqa: N818 - what happens, not what is raised
    pass


@contextmanager
def crashing(store: Store) -> Iterator[Tx]:
    """A transaction whose caller fails at its end."""
    with suppress(Crash), store.write() as tx:
        yield tx
        raise Crash


def rendered(tx: Tx, body: bytes = b"hello", kind: str = "alert", *tells: tuple[int, int, int]) -> int:
    told = tuple(Tell(number, revision, Level(level)) for number, revision, level in tells)
    return outbox.enqueue_rendered(tx, Rendering("email", body, "subject", kind=kind, tells=told), NOW)


def letter(tx: Tx, key: str, recipient: str = "r", priority: int = 1, **more: object) -> NewDelivery:
    rid = more.pop("rendered_id", None) or rendered(tx)
    values = {"channel": "email", "due": NOW, **more}
    return NewDelivery(idem_key=key, recipient=recipient, rendered_id=rid, priority=priority, **values)  # type: ignore[arg-type] # plain values of tests


def lapse(tx: Tx) -> None:
    """The leases of everybody who sends have run out, by whatever clock."""
    past = {"past": NOW.replace(year=2000)}
    tx.connection().execute(text("UPDATE delivery SET lease_until = :past WHERE state = 'sending'"), past)


def people(tx: Tx, count: int) -> list[str]:
    ids = [f"r{n:05}" for n in range(count)]
    for id_ in ids:
        subscribers.add_pending(tx, VAULT, "email", f"{id_}@example.org", Preferences(), NOW, id_)
        subscribers.confirm(tx, id_, NOW)
    return ids
