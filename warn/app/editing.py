"""What administrators are told of an edit of the rules: what it would have changed lately, and what waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from warn.app.trying import Asked, Facts, difference
from warn.pipeline import admin_words, admins
from warn.pipeline.knowledge import Knowledge
from warn.pipeline.work import Work
from warn.store import polls
from warn.store.alerts import StoredTransition
from warn.study.diff import diff_brief

DAYS = 30


def announce(work: Work, former: Knowledge, told: Sequence[StoredTransition], now: datetime) -> list[str]:
    """Queues the message, once for an edit; for the log. `told`: the first evaluation under the edited rules."""
    text = "\n".join(
        filter(None, (admin_words.phrase(work.lang, "edit"), _changes(work, former, now), _waits(work, told)))
    )
    key = f"edit {former.digest} {work.knowledge.digest} {now:%Y-%m-%d %H:%M}"
    with work.store.write() as tx:
        return [admins.notify(tx, work, key, text, now)]


def _changes(work: Work, former: Knowledge, now: datetime) -> str:
    """`rules diff` over the last days, from the observations of the service itself."""
    seen = [one for one in work.observations if one.known_at <= now]
    if not seen:
        return admin_words.phrase(work.lang, "no history")
    with work.store.read() as tx:
        facts = Facts(seen, polls.coverage(tx), polls.polls(tx))
    asked = Asked(start=now - timedelta(days=DAYS), end=now)
    found = difference(former, work.knowledge, facts, work.impacts, asked)
    return diff_brief(found, work.lang)


def _waits(work: Work, told: Sequence[StoredTransition]) -> str:
    rises = [
        f"{one.number} ({one.transition.rule}, {int(one.transition.level)}/4)"
        for one in told
        if one.transition.kind == "edited" and one.transition.level > one.transition.before
    ]
    return admin_words.phrase(work.lang, "waits", names=", ".join(rises)) if rises else ""
