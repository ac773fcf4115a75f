"""What one subscriber was told of one alert and why, for `rules explain --for`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, get_args

from warn.digest.select import Holds
from warn.digest.typography import typeset
from warn.model import Level, Preferences, TransitionKind
from warn.pipeline import answers
from warn.pipeline.work import Work
from warn.store import Tx, acts, alerts, ledger, subscribers
from warn.store.ledger import Told
from warn.store.subscribers import Subscriber
from warn.study.audience import Hearing, listen, news_of

QUIET: Final = frozenset({"reminded"})


def heard_lines(
    tx: Tx, work: Work, number: int, reader: str, until: datetime, lang: str = "en"
) -> tuple[str, ...]:
    """Every transition of this alert up to a moment: told when and how, or why not.

    The reasons are those of the one selection, run again over what is stored, with the reader's preferences of now;
    what was really delivered stands beside each.
    """
    words = WORDS["fr" if lang == "fr" else "en"]
    found = subscribers.get(tx, reader)
    if found is None:
        return (typeset(words["nobody"].format(reader=reader), lang),)
    told = [(str(one.number), one.transition) for one in alerts.transitions(tx, until=until)]
    news = news_of(told, work.knowledge.rules.rules)
    hearings = listen(news, found.preferences, lambda at: _holds(tx, reader, at))
    mine = [one for one in hearings if one.decision.news.episode == str(number) and one.at <= until]
    sent = [one for one in reversed(ledger.told(tx, number)) if one.recipient == reader]
    lines = [_line(one, sent, words) for one in mine if one.decision.news.transition.kind not in QUIET]
    return tuple(typeset(line, lang) for line in (_head(found, words), *(lines or [words["nothing"]])))


def _head(reader: Subscriber, words: Mapping[str, str]) -> str:
    who: Preferences = reader.preferences
    quiet = (
        f"{who.quiet_from:%H:%M}-{who.quiet_until:%H:%M}"
        if who.quiet_from and who.quiet_until
        else words["none"]
    )
    return words["head"].format(
        reader=reader.id, channel=reader.channel, lang=who.lang, level=int(who.least_level),
        at_once=words["never"] if who.immediate_from is None else int(who.immediate_from), quiet=quiet,
    )  # fmt: skip


def _line(one: Hearing, sent: Sequence[Told], words: Mapping[str, str]) -> str:
    decision = one.decision
    moved = decision.news.transition
    day = f"{one.at:%d/%m %H:%M}Z"
    what = f"{words[moved.kind]} {int(moved.level)}/4"
    way = words["edit" if one.told and decision.edits else "with" if one.with_ else decision.way]
    reason = _reason(decision.reason, words)
    until = f", {words['until'].format(at=f'{decision.until:%d/%m %H:%M}Z')}" if decision.until else ""
    really = _delivered(one, sent, words) if one.told else ""
    return f"  {day}  {what:<22}  {way}{words['colon']} {reason}{until}{really}"


def _delivered(one: Hearing, sent: Sequence[Told], words: Mapping[str, str]) -> str:
    """The message that carried it: the first that left from then on at its level; none is said, not passed over."""
    level = one.decision.news.transition.level
    ended = one.decision.news.transition.kind in {"closed", "withdrawn"}
    wanted = Level.CALM if ended else level
    found = next((told for told in sent if told.at >= one.at and told.level == wanted), None)
    if found is None:
        return f" ({words['no message']})"
    return f" ({words.get(found.state, found.state)} {found.at:%d/%m %H:%M}Z)"


def _holds(tx: Tx, reader: str, at: datetime) -> Holds:
    muted = {
        str(act.details["episode"]): (act.until, Level(int(act.details["level"])))
        for act in acts.acts(tx, kind="mute", valid_at=at)
        if act.until is not None and act.target == reader
    }
    silenced = {
        act.target: (act.until, Level(int(act.details.get("level", Level.CRISIS))))
        for act in acts.acts(tx, kind="silence", valid_at=at)
        if act.until is not None
    }
    seen = frozenset(map(str, answers.acknowledged(tx, at)))
    return Holds(muted=muted, silenced=silenced, acknowledged=seen)


def _reason(reason: str, words: Mapping[str, str]) -> str:
    """The selection speaks English; each of its phrases has a French one."""
    kind, semicolon, rest = reason.partition("; ")
    if semicolon and kind in words:
        reason = f"{words[kind]}; {rest}"
    phrases = sorted((name for name in words if name.startswith("reason: ")), key=len, reverse=True)
    for name in phrases:
        reason = reason.replace(name.removeprefix("reason: "), words[name])
    return reason


_KINDS: Final = get_args(TransitionKind)
WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "en": {
            **{kind: kind for kind in _KINDS},
            "colon": ":",
            "head": "{reader}  {channel}, {lang}, least level {level}, at once from {at_once}, quiet {quiet}",
            "none": "none",
            "nobody": "{reader}: nobody has this id (any more)",
            "nothing": "  nothing of this alert has happened yet",
            "now": "told",
            "edit": "told by editing the earlier message",
            "with": "told in one message with others",
            "hold": "held",
            "digest": "in the digest",
            "never": "not told",
            "until": "until {at}",
            "sent": "sent",
            "uncertain": "may have arrived",
            "blocked": "on its way since",
            "ready": "on its way since",
            "sending": "on its way since",
            "no message": "no message of it is on record",
        },
        "fr": {
            "opened": "ouverte",
            "raised": "relevée",
            "updated": "complétée",
            "eased": "abaissée",
            "closed": "fermée",
            "blind": "sans nouvelles",
            "sighted": "nouvelles revenues",
            "lapsed": "perdue de vue",
            "withdrawn": "retirée",
            "corrected": "corrigée",
            "edited": "modifiée",
            "reminded": "rappelée",
            "colon": " :",
            "head": "{reader}  {channel}, {lang}, niveau minimal {level}, tout de suite dès {at_once}, silence {quiet}",
            "none": "aucun",
            "nobody": "{reader} : personne n'a (plus) cet identifiant",
            "nothing": "  rien n'est encore arrivé à cette alerte",
            "now": "dit",
            "edit": "dit en modifiant le message précédent",
            "with": "dit dans un message commun",
            "hold": "retenu",
            "digest": "dans le bulletin",
            "never": "pas dit",
            "until": "jusqu'au {at}",
            "sent": "envoyé",
            "uncertain": "peut-être arrivé",
            "blocked": "en route depuis",
            "ready": "en route depuis",
            "sending": "en route depuis",
            "no message": "aucun message n'en est enregistré",
            "reason: is below this subscriber's least level": "est sous le niveau minimal de cet abonné :",
            "reason: is below the level of immediate alerts": "est sous le niveau des alertes immédiates",
            "reason: below this subscriber's least level": "sous le niveau minimal de cet abonné",
            "reason: reached": "atteint",
            "reason: level ": "niveau ",
            "reason: is what was last told": "est ce qui a été dit en dernier",
            "reason: nothing was told, nothing has changed": "rien n'a été dit, rien n'a changé",
            "reason: quiet hours": "heures de silence",
            "reason: muted by the reader": "mis en sourdine par le lecteur",
            "reason: silenced": "mis en silence par l'administration",
            "reason: embassy notices are off in a resident's immediate alerts": (
                "les avis d'ambassades sont coupés dans les alertes immédiates d'un habitant"
            ),
            "reason: new evidence at the same level: the message is edited": "fait nouveau, même niveau",
            "reason: still in force": "toujours en vigueur",
            "reason: acknowledged: nobody is reminded until it rises": (
                "prise en charge : aucun rappel avant une hausse"
            ),
            "reason: had no message of this episode": "n'a reçu aucun message de cet épisode",
            "reason: had a message of this episode": "avait reçu un message de cet épisode",
            "reason: was told of this episode by digest": "l'a su par le bulletin",
            "reason: was not told at once": "pas dit tout de suite",
            "reason: speaks for it": "parle pour elle",
            "reason: is not among those chosen": "n'est pas parmi les choix",
            "reason: none of its places is among those chosen": "aucun de ses lieux n'est parmi les choix",
            "reason: inhibited by": "retenue derrière",
            "reason: , which this reader is told of": ", que ce lecteur reçoit",
            "reason: corrected, level unchanged": "corrigée, niveau inchangé",
            "reason: was not told at level 3 or above at once": "n'avait pas été dit tout de suite au niveau 3 ou plus",
            "reason: was told at level 3 or above": "avait été dit au niveau 3 ou plus",
        },
    }
)
