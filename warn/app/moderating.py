"""Reporters and what they report, for the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from warn import quarantine
from warn.app import build, once
from warn.app.field import invite as invited
from warn.settings import Settings
from warn.store import Store, acts, reporters, reports
from warn.store.acts import Act


def invite(settings: Settings, who: str, now: datetime) -> dict[str, str]:
    """The link, or what to send to the bot where its name is not known here."""
    with _database(settings) as store, store.write() as tx:
        reporter, payload = invited(tx, f"cli:{who}", now)
    name = settings.telegram.name
    link = f"https://t.me/{name}?start={payload}" if name else ""
    return {"reporter": reporter, "link": link, "message": f"/start {payload}"}


def listed(settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """Every reporter with what became of their reports of this month and the last, and every link still good."""
    keys = build.secret_keys(settings)
    with _database(settings) as store, store.write() as tx:
        found: list[dict[str, Any]] = []
        for one in reporters.listed(tx):
            record = reports.counts(tx, quarantine.authors(keys, one.mark, now))
            found.append(
                {"reporter": one.id, "since": one.created_at, "invited_until": None, "reports": record}
            )
        for name, until in reporters.invited(tx, now):
            found.append({"reporter": name, "since": None, "invited_until": until, "reports": {}})
        return found


def revoke(settings: Settings, reporter: str, who: str, now: datetime) -> str:
    with _database(settings) as store, store.write() as tx:
        told = quarantine.revoke(tx, build.secret_keys(settings), reporter, now)
        acts.record(tx, Act("revoke", reporter, f"cli:{who}", now))
        return told


def waiting(settings: Settings) -> dict[str, Any]:
    """What waits for a person, and how many reports ended how."""
    with _database(settings) as store, store.read() as tx:
        rows = [_row(one, record) for one, record in quarantine.waiting(tx)]
        return {"waiting": rows, "counts": reports.counts(tx)}


def decide(settings: Settings, verb: str, numbers: Sequence[str], who: str, now: datetime, lang: str) -> str:
    """As from the chat, and what follows from it at once."""
    return once.act(settings, verb, numbers, who, now, lang)


@contextmanager
def _database(settings: Settings) -> Iterator[Store]:
    """Without the rules: nothing is judged here."""
    store = build.open_database(settings, upgrade=True)
    try:
        yield store
    finally:
        store.close()


def _row(report: reports.Report, record: dict[str, int]) -> dict[str, Any]:
    said = report.said
    return {
        "report": report.id,
        "indicator": said.indicator,
        "value": said.value,
        "attributes": dict(said.attributes),
        "place": said.place,
        "occurred_at": said.occurred_at,
        "line": quarantine.line(report, record),
    }
