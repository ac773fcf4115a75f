"""What happens to a field report between a reporter's tap and an observation: limits, decisions, delays, erasure.

A person accepts it; three reporters must have said the same; then it is known three to six hours later, at a moment
nobody can foresee. A reporter is a keyed mark of the month, so that two months cannot be linked.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from warn.errors import UsageError
from warn.links import reporter_mark
from warn.model import Observation, Poll, Texts
from warn.sources.forms import DELAY, JITTER, in_company, matter
from warn.store import Tx, polls, reporters, reports
from warn.store.reports import Report
from warn.store.vault import Vault

Sent = Literal["taken", "again", "told", "many"]
DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 20
SAME_AGAIN: Final = timedelta(hours=3)
UNREAD: Final = timedelta(days=7)  # how long a report waits for a person
ALONE: Final = timedelta(days=3)  # how long an accepted one waits for others
WAYS_IN: Final = (reports.SOURCE, "kobo", "odk")  # sources whose origins are marks of reporters
_LATELY: Final = timedelta(days=6)


def author(keys: Sequence[str], reporter: str, at: datetime) -> str:
    """The mark of that reporter's reports of that month; `reporter` is the keyed hash of their chat."""
    return reporter_mark(keys, f"bot {reporter}", at)


def authors(keys: Sequence[str], reporter: str, now: datetime) -> tuple[str, ...]:
    """The marks by which this reporter's reports of this month and the last may be found, under every key."""
    return tuple(dict.fromkeys(author((key,), reporter, at) for key in keys for at in _months(now)))


def renew(tx: Tx, keys: Sequence[str], reporter: str, now: datetime) -> None:
    """Under a new key a reporter has another mark: what they sent under a former one passes to it, or they were two."""
    for at in _months(now):
        for key in keys[1:]:
            reports.pass_on(tx, author((key,), reporter, at), author(keys, reporter, at), now)


def submit(tx: Tx, said: Observation, marks: Collection[str], now: datetime) -> Sent:
    """Takes a report in: again = sent twice, told = already said by this reporter, many = enough for one day."""
    lately = reports.by_author(tx, marks, now - DAY)
    if any(one.said.key == said.key for one in lately):
        return "again"
    if len(lately) >= MOST_A_DAY:
        return "many"
    if any(_same(one.said, said) for one in lately if one.state in {"waiting", "accepted", "told"}):
        return "told"
    return "taken" if reports.receive(tx, said, now) else "again"


def accept(tx: Tx, number: int, now: datetime) -> Texts:
    """What an administrator vouches for; it counts when enough others were accepted as well."""
    share = secrets.randbelow(2**32) / 2**32
    if not reports.accept(tx, number, now, now + DELAY + JITTER * share):
        raise _unknown(tx)
    release(tx, now)
    done = reports.get(tx, number)
    if done is not None and done.state == "told":
        return {
            "en": f"Report {number} is accepted and counts three to six hours from now, with the others.",
            "fr": f"Signalement {number} accepté : il compte dans trois à six heures, avec les autres.",
        }
    return {
        "en": f"Report {number} is accepted; it counts when three reporters are in it within two days.",
        "fr": f"Signalement {number} accepté : il comptera quand trois correspondants en auront parlé en deux jours.",
    }


def refuse(tx: Tx, number: int, now: datetime) -> Texts:
    """It is counted and shown no more; what it said is gone."""
    if not reports.refuse(tx, number, now):
        raise _unknown(tx)
    return {
        "en": f"Report {number} is refused; what it said is erased.",
        "fr": f"Signalement {number} refusé : ce qu'il disait est effacé.",
    }


def release(tx: Tx, now: datetime) -> int:
    """Accepted reports that are no longer alone become observations, all of one matter at one moment.

    Were they known one after the other, the first would stand alone for hours.
    """
    known = {one.said.key: one for one in reports.having(tx, "accepted", "told", since=now - _LATELY)}
    told: list[tuple[Report, datetime]] = []
    for some in in_company(one.said for one in known.values() if one.mark):
        together = [known[said.key] for said in some]
        at = max(now, *(one.tell_at for one in together if one.tell_at is not None))
        told += [(one, at) for one in together if one.state == "accepted"]
    if told:
        reports.tell(tx, told, now)
        # the hour of a decision is nobody's business: the page shows the day
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        polls.record_poll(tx, Poll(reports.SOURCE, midnight, "ok", found=len(told)))
    return len(told)


def tidy(tx: Tx, now: datetime) -> None:
    """What waited too long is only counted; marks go when their month and the next are over.

    Two moderators who accept at the same moment do not see each other's report: whatever is in company by now goes out.
    """
    release(tx, now)
    reports.expire(tx, now - UNREAD, now - ALONE)
    last_month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - DAY
    reports.blank_marks(tx, last_month.replace(day=1))
    reports.draw_lots(tx, WAYS_IN, last_month.replace(day=1), now)


def revoke(tx: Tx, keys: Sequence[str], reporter: str, now: datetime) -> str:
    """No more reports of theirs; what nobody was told of yet is refused."""
    mark = reporters.revoke(tx, reporter)
    if mark is None:
        known = ", ".join(one.id for one in reporters.listed(tx))
        raise UsageError(f"Nobody is called '{reporter}'.", f"Reporters: {known or 'none'}.")
    refused = reports.refuse_of(tx, authors(keys, mark, now), now) if mark else 0
    return f"{reporter} is no longer a reporter; {refused} open reports are refused."


def erase(tx: Tx, vault: Vault, keys: Sequence[str], chat: str, now: datetime) -> bool:
    """A reporter wants to be forgotten: their place on the list, and what they reported this month and the last."""
    known = reporters.find(tx, vault, chat)
    if known is None:
        return False
    reporters.revoke(tx, known.id)
    reports.erase(tx, authors(keys, known.mark, now), now)
    _recall(tx, now)
    return True


def forget(tx: Tx, vault: Vault, chat: str) -> None:
    """Nobody can be reached there any more, so nobody is listed."""
    known = reporters.find(tx, vault, chat)
    if known is not None:
        reporters.revoke(tx, known.id)


def waiting(tx: Tx) -> list[tuple[Report, dict[str, int]]]:
    """Reports that wait for a person, each with what became of the others by the same author."""
    return [(one, reports.counts(tx, [one.mark])) for one in reports.having(tx, "waiting")]


def ask(tx: Tx) -> list[str]:
    """A line for administrators while something waits; always the same, so that it is not told again and again."""
    return ["Field reports wait for a moderator: /reports"] if reports.having(tx, "waiting") else []


def line(report: Report, record: dict[str, int]) -> str:
    """`12 station_has_fuel 0 product=petrol, Bamako, 2026-11-22 14 h UTC (same author: 3 accepted, 1 refused)`."""
    said = report.said
    about = "".join(f" {name}={value}" for name, value in sorted(said.attributes.items()))
    taken = record.get("accepted", 0) + record.get("told", 0)
    return (
        f"{report.id} {said.indicator} {said.value:g}{about}, {said.place}, {said.occurred_at:%Y-%m-%d %H} h UTC "
        f"(same author: {taken} accepted, {record.get('refused', 0)} refused)"
    )


def _recall(tx: Tx, now: datetime) -> None:
    """What nobody knows yet and was left alone by an erasure waits again for others."""
    known = [one for one in reports.having(tx, "accepted", "told", since=now - _LATELY) if one.mark]
    together = {said.key for some in in_company(one.said for one in known) for said in some}
    for one in known:
        if one.state == "told" and one.said.known_at > now and one.said.key not in together:
            reports.recall(tx, one, now)


def _months(now: datetime) -> tuple[datetime, datetime]:
    """A moment of this month and one of the last."""
    return now, now.replace(day=1) - DAY


def _same(one: Observation, other: Observation) -> bool:
    return matter(one) == matter(other) and abs(one.occurred_at - other.occurred_at) < SAME_AGAIN


def _unknown(tx: Tx) -> UsageError:
    numbers = ", ".join(str(one.id) for one in reports.having(tx, "waiting"))
    return UsageError(
        "No report of that number waits.",
        f"Waiting: {numbers or 'none'}.",
        french=("Aucun signalement de ce numéro n'attend.", f"En attente : {numbers or 'aucun'}."),
    )
