"""What leaves and what did not, for the command line: an administrator without the bot sees and mends as much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from warn import desk
from warn.app.build import open_database
from warn.app.wording import told
from warn.settings import Settings
from warn.store import acts, letters
from warn.store.letters import Letter

FRENCH: Final[Mapping[str, str]] = {
    "blocked": "retenu", "ready": "prêt", "sending": "en cours", "sent": "envoyé", "dead": "perdu", "expired": "périmé",
    "suppressed": "annulé", "uncertain": "incertain", "alert": "alerte", "digest": "bulletin", "notice": "avis",
}  # fmt: skip
"""Words of the database as a person reads them; what is not here is said as it stands there."""
LATE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Outbox:
    """`counts`: (channel, state) -> how many of the last thirty days. `left_off`: how many letters are not shown."""

    paused: bool
    waits_s: float
    counts: Mapping[tuple[str, str], int]
    letters: Sequence[Letter]
    left_off: int

    @property
    def data(self) -> dict[str, Any]:
        return {
            "paused": self.paused,
            "oldest_waits_s": round(self.waits_s),
            "counts": [{"channel": c, "state": s, "count": n} for (c, s), n in sorted(self.counts.items())],
            "letters": [_row(one) for one in self.letters],
            "left_off": self.left_off,
        }

    def lines(self, lang: str) -> Iterator[str]:
        def word(said: str) -> str:
            return FRENCH.get(said, said) if lang == "fr" else said

        if self.paused:
            yield told(lang, "Sending is paused: `warn resume`.", "Les envois sont en pause : `warn resume`.")
        if self.waits_s > LATE.total_seconds():
            late = f"{self.waits_s / 60:.0f}"
            yield told(
                lang,
                f"The oldest delivery has waited for {late} minutes: `warn doctor` asks the channels.",
                f"Le plus ancien envoi attend depuis {late} minutes : `warn doctor` interroge les canaux.",
            )
        yield from [f"{c:10} {word(s):10} {n:>7}" for (c, s), n in sorted(self.counts.items())]
        if not self.counts:
            yield told(lang, "Nothing was ever queued.", "Rien n'a jamais été mis en file.")
        elif not self.letters:
            yield told(lang, "Nothing was given up.", "Aucun envoi n'a été abandonné.")
        if self.letters:
            yield ""
        for one in self.letters:
            head = f"{one.id:>7} {one.channel:9} {word(one.kind):8} {word(one.state):10}"
            yield f"{head} {one.created_at:%Y-%m-%d %H:%M} UTC  {one.error or one.code}".rstrip()
        if self.left_off:
            yield told(
                lang,
                f"and {self.left_off} older ones (--limit)",
                f"et {self.left_off} plus anciens (--limit)",
            )
        if self.letters:
            yield told(
                lang,
                "Again: `warn outbox requeue NUMBER...`, or `--all` for what still stands.",
                "Renvoyer : `warn outbox requeue NUMÉRO...`, ou `--all` pour ce qui est encore d'actualité.",
            )


def looked_at(settings: Settings, now: datetime, limit: int) -> Outbox:
    store = open_database(settings, upgrade=True)
    try:
        with store.read() as tx:
            found = letters.letters(tx, limit=limit)
            counts = letters.counts(tx)
            whole = len(found) if len(found) < limit else len(letters.letters(tx, limit=sum(counts.values())))
            return Outbox(acts.paused(tx), letters.oldest_due(tx, now), counts, found, whole - len(found))
    finally:
        store.close()


def requeue(settings: Settings, numbers: Sequence[str], who: str, now: datetime, lang: str) -> str:
    """By number, or `all`; a service that runs sends them within seconds."""
    store = open_database(settings, upgrade=True)
    try:
        return desk.act(store, "requeue", desk.Request(f"cli:{who}", numbers, now, lang))
    finally:
        store.close()


def _row(one: Letter) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel,
        "kind": one.kind,
        "subject": one.subject,
        "state": one.state,
        "attempts": one.attempt,
        "code": one.code,
        "why": one.error,
        "queued_at": one.created_at,
    }
