"""What administrators do, the same from the command line, the bot and the page. Every act is recorded.

Each verb takes the words after it and answers one line; a wrong word is a UsageError that says what is allowed.
An act is a row; what follows from it (a message that waited, a held delivery) the pipeline does when it next looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from warn import quarantine
from warn.digest.addressed import hears
from warn.documents.durations import parse_duration
from warn.errors import UsageError
from warn.model import Preferences, Texts
from warn.speech import plural
from warn.store import Store, Tx, acts, alerts, dispatch, letters, observations, polls, subscribers
from warn.store.acts import Act
from warn.store.alerts import Episode

LONGEST_SILENCE = timedelta(days=14)
USUAL_SILENCE = timedelta(hours=24)
RULE = "rule:"
LANGUAGES = frozenset({"fr", "en"})  # that every text of ours speaks; readers may have others


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for what, when, and in which language they are answered."""

    by: str
    words: Sequence[str]
    now: datetime
    lang: str = "en"

    def told(self, english: str, french: str) -> str:
        return french if self.lang == "fr" else english


def act(store: Store, verb: str, request: Request) -> str:
    """Does what was asked in one transaction and records it; the answer is one line."""
    if verb not in VERBS:
        known = ", ".join(VERBS)
        raise UsageError(
            f"'{verb}' is not known.",
            f"Verbs: {known}.",
            french=(f"« {verb} » est inconnu.", f"Verbes : {known}."),
        )
    with store.write() as tx:
        return VERBS[verb](tx, request)


def foreseen(store: Store, verb: str, request: Request) -> str:
    """What an administrator should know before they say yes; raises as the act itself would. Changes nothing."""
    if verb != "say":
        return ""
    with store.read() as tx:
        *_, count = _addressed(tx, request)
    return request.told(f"Readers: {count}.", f"Lecteurs : {count}.")


def approve(tx: Tx, request: Request) -> str:
    """What waited for a person goes out: approve ALERT [LEVEL]; `rule:ID` withdraws the alerts of a removed rule."""
    if rule := _rule_asked(tx, request):
        _record(tx, "approve-rule", rule, request)
        return request.told(
            f"The alerts of {rule} are withdrawn, and those who were told are told so.",
            f"Les alertes de {rule} sont retirées, et leurs lecteurs l'apprennent.",
        )
    episode = _as_asked(tx, request, "approve")
    level = int(episode.level)
    _record(tx, "approve", str(episode.number), request, level=level)
    return request.told(
        f"No. {episode.number} ({episode.rule}) is approved at level {level}; what waited of it goes out.",
        f"N° {episode.number} ({episode.rule}) est approuvée au niveau {level} ; ce qui attendait part.",
    )


def deny(tx: Tx, request: Request) -> str:
    """What waits for a person is not sent, unless it rises further; asked about it is nobody again."""
    if rule := _rule_asked(tx, request):
        _record(tx, "deny-rule", rule, request)
        return request.told(
            f"The alerts of {rule} stay as they are.", f"Les alertes de {rule} restent telles quelles."
        )
    episode = _as_asked(tx, request, "deny")
    _record(tx, "deny", str(episode.number), request, level=int(episode.level))
    level = int(episode.level)
    return request.told(
        f"No. {episode.number} ({episode.rule}) is refused at level {level} and not sent.",
        f"N° {episode.number} ({episode.rule}) est refusée au niveau {level} et ne part pas.",
    )


def ack(tx: Tx, request: Request) -> str:
    """Reminders and escalation stop until the next raise; nothing else does."""
    episode = _episode(tx, request)
    _record(tx, "ack", str(episode.number), request, level=int(episode.level))
    return request.told(
        f"No. {episode.number} ({episode.rule}) is acknowledged until it rises.",
        f"N° {episode.number} ({episode.rule}) est prise en charge jusqu'à une hausse.",
    )


def silence(tx: Tx, request: Request) -> str:
    """Messages of one alert, or of all (`all`), are held for a while, but for a rise above the present level."""
    words = list(request.words)
    length = USUAL_SILENCE
    if len(words) > 1:
        try:
            length = parse_duration(words[1])
        except ValueError:
            french = (f"« {words[1]} » n'est pas une durée.", "Écrivez 6h ou 2d.")
            raise UsageError(f"'{words[1]}' is not a duration.", "Write 6h or 2d.", french=french) from None
    if length > LONGEST_SILENCE:
        raise UsageError(
            "A silence lasts 14 days at most.",
            "Silence it again when it ends.",
            french=("Un silence dure 14 jours au plus.", "Renouvelez-le à sa fin."),
        )
    whole = words[:1] in (["all"], ["*"])
    target, level = ("*", 3) if whole else _target(_episode(tx, request))
    until = request.now + length
    _record(tx, "silence", target, request, until=until, level=level)
    return request.told(
        f"Silenced until {until:%Y-%m-%d %H:%M} UTC, unless it rises.",
        f"Silence jusqu'au {until:%d/%m/%Y %H:%M} UTC, sauf hausse.",
    )


def say(tx: Tx, request: Request) -> str:
    """Words to readers, marked as written by a person: say LEVEL LANG TEXT; level 1 to 4, language or `all`."""
    level, lang, text, count = _addressed(tx, request)
    _record(tx, "say", "*", request, level=level, lang=lang, text=text)
    return request.told(
        f"Goes out at level {level}{f' in {lang}' if lang else ''}; readers: {count}.",
        f"Part au niveau {level}{f' en {lang}' if lang else ''} ; lecteurs : {count}.",
    )


def _addressed(tx: Tx, request: Request) -> tuple[int, str, str, int]:
    """Level, language, text, and how many readers hear it; raises UsageError where that is nobody."""
    level, lang, text = _words_of(request)
    readers = list(_readers(tx))
    known = {*LANGUAGES, *(who.lang for who in readers)}
    if lang not in {"", *known}:
        names = ", ".join([*sorted(known), "all"])
        raise UsageError(
            f"Nobody reads '{lang}'.",
            f"Languages: {names}.",
            french=(f"Personne ne lit « {lang} ».", f"Langues : {names}."),
        )
    count = sum(hears(who, level, lang) for who in readers)
    if not count:
        raise UsageError(
            "No reader wants messages of that level at once in that language; nothing was sent.",
            "Give a higher level, or `all` for the language.",
            french=(
                "Aucun lecteur ne veut de message immédiat de ce niveau dans cette langue ; rien n'est parti.",
                "Donnez un niveau plus élevé, ou `all` pour la langue.",
            ),
        )
    return level, lang, text, count


def drill(tx: Tx, request: Request) -> str:
    """A marked test through every channel, to every reader."""
    text = " ".join(request.words).strip()
    _record(tx, "drill", "*", request, level=1, text=text)
    return request.told(
        "The drill goes out, marked as a test, through every channel.",
        "L'exercice part, marqué comme tel, par tous les canaux.",
    )


def withdraw(tx: Tx, request: Request) -> str:
    """A report that was wrong, or every report an alert rests on, is taken back: withdraw ALERT|OBSERVATION REASON.

    What was told because of it is corrected by the next evaluation, to those who were told.
    """
    reason = " ".join(request.words[1:]).strip()
    if not request.words or not reason:
        usage = "withdraw ALERT|OBSERVATION REASON"
        raise UsageError("What, and why?", usage, french=("Quoi, et pourquoi ?", usage))
    refs = _refs(tx, request.words[0])
    taken = [ref for ref in refs if observations.withdraw(tx, ref, request.now, reason)]
    if not taken:
        raise UsageError(
            f"'{request.words[0]}' names no report that stands.",
            "`rules explain` shows their names.",
            french=(
                f"« {request.words[0]} » ne nomme aucun fait en vigueur.",
                "`rules explain` montre leurs noms.",
            ),
        )
    for ref in taken:
        _record(tx, "withdraw", ref, request, text=reason)
    names = ", ".join(taken)
    return request.told(
        f"Taken back: {names}. What was told because of it is corrected.",
        f"Retiré : {names}. Ce qui a été dit à cause de cela est corrigé.",
    )


def pause(tx: Tx, request: Request) -> str:
    """Holds every delivery but administrators', from the next claim on."""
    _record(tx, "pause", "*", request)
    return request.told(
        "Paused: nothing leaves but messages to administrators. `resume` goes on.",
        "En pause : rien ne part, sauf vers les administrateurs. `resume` reprend.",
    )


def resume(tx: Tx, request: Request) -> str:
    _record(tx, "resume", "*", request)
    return request.told("Deliveries go on.", "Les envois reprennent.")


def dead(tx: Tx, request: Request) -> str:
    """Deliveries that ended without arriving, or of which nobody knows."""
    found = dispatch.letters(tx)
    lines = [f"{one.id} {one.channel} {one.kind} {one.state} ({one.attempt}): {one.error}" for one in found]
    return "\n".join(lines) or request.told("No dead letters.", "Aucun envoi perdu.")


def requeue(tx: Tx, request: Request) -> str:
    """Dead or uncertain deliveries, by number or `all`, start again with a full count of attempts.

    `all` leaves out what tells of a past state; a number is a person's word that it may go all the same.
    """
    left = 0
    if list(request.words) == ["all"]:
        ids = letters.worth_sending(tx, request.now)
        left = sum(
            n for (_, state), n in dispatch.counts(tx).items() if state in {"dead", "uncertain"}
        ) - len(ids)
    else:
        ids = [_number(word) for word in request.words]
    if not ids and not left:
        raise UsageError(
            "Which deliveries?",
            "Give their numbers (see `dead`), or `all`.",
            french=("Quels envois ?", "Donnez leurs numéros (voir `dead`), ou `all`."),
        )
    count = dispatch.requeue(tx, ids, request.now)
    _record(tx, "requeue", " ".join(request.words), request)
    said = request.told(
        f"{count} {plural(count, 'delivery is', 'deliveries are', 'en')} tried again.",
        f"{count} {plural(count, 'envoi est retenté', 'envois sont retentés', 'fr')}.",
    )
    if left:
        said += request.told(
            f" Out of date and left out: {left}; by number they are sent all the same.",
            f" Plus d'actualité, laissés de côté : {left} ; par numéro, ils partent quand même.",
        )
    return said


def health(tx: Tx, request: Request) -> str:
    """Newest tick, sources that do not answer, and what waits in the outbox."""
    tick = alerts.last_tick(tx)
    told = request.told
    at = f"{tick:%Y-%m-%d %H:%M} UTC" if tick else told("never", "jamais")
    lines = [told(f"last evaluation: {at}", f"dernière évaluation : {at}")]
    for source, (tried, good) in sorted(polls.newest_polls(tx).items()):
        if not tried.good:
            since = f"{good.at:%Y-%m-%d %H:%M}" if good else told("ever", "toujours")
            failed = f"{source}: {tried.outcome} ({tried.message})"
            lines.append(
                told(f"{failed}, nothing good since {since}", f"{failed}, rien de bon depuis {since}")
            )
    waiting = {
        key: count for key, count in dispatch.counts(tx).items() if key[1] not in {"sent", "suppressed"}
    }
    lines += [f"{channel}: {count} {state}" for (channel, state), count in sorted(waiting.items())]
    late = dispatch.oldest_due(tx, request.now)
    if late > 0:
        lines.append(
            told(
                f"the oldest delivery waits since {late / 60:.0f} minutes",
                f"le plus ancien envoi attend depuis {late / 60:.0f} minutes",
            )
        )
    if acts.paused(tx):
        lines.append(told("deliveries are paused", "les envois sont en pause"))
    return "\n".join(lines)


def reports(tx: Tx, request: Request) -> str:
    """Field reports that wait for a person, by number."""
    found = [quarantine.line(one, record) for one, record in quarantine.waiting(tx)]
    return "\n".join(found) or request.told("No field report waits.", "Aucun signalement n'attend.")


def accept(tx: Tx, request: Request) -> str:
    """Field reports, by number, that are as far as can be seen true and harm nobody."""
    return _decided(tx, "accept", quarantine.accept, request)


def refuse(tx: Tx, request: Request) -> str:
    """Field reports, by number, that are not."""
    return _decided(tx, "refuse", quarantine.refuse, request)


def _decided(tx: Tx, kind: str, decide: Callable[[Tx, int, datetime], Texts], request: Request) -> str:
    if not request.words:
        raise UsageError(
            "Which report?",
            "Give its number (see `reports`).",
            french=("Quel signalement ?", "Donnez son numéro (voir `reports`)."),
        )
    told = []
    for word in request.words:
        said = decide(tx, _number(word), request.now)
        told.append(request.told(said["en"], said["fr"]))
        _record(tx, kind, f"report {_number(word)}", request, text="")
    return "\n".join(told)


VERBS: Mapping[str, Callable[[Tx, Request], str]] = {
    "approve": approve,
    "deny": deny,
    "ack": ack,
    "silence": silence,
    "pause": pause,
    "resume": resume,
    "say": say,
    "drill": drill,
    "withdraw": withdraw,
    "dead": dead,
    "requeue": requeue,
    "health": health,
    "reports": reports,
    "accept": accept,
    "refuse": refuse,
}


def _episode(tx: Tx, request: Request) -> Episode:
    number = _number(request.words[0]) if request.words else None
    found = alerts.episode(tx, number) if number is not None else None
    if found is None:
        known = ", ".join(f"{one.number} ({one.rule})" for one in alerts.episodes(tx, open_only=True))
        raise UsageError(
            "Which alert?",
            f"Open ones: {known or 'none'}.",
            french=("Quelle alerte ?", f"En cours : {known or 'aucune'}."),
        )
    return found


def _as_asked(tx: Tx, request: Request, verb: str) -> Episode:
    """The alert that is meant, unless it rose since the level that is named, or since one that was asked about."""
    episode = _episode(tx, request)
    target, level = str(episode.number), int(episode.level)
    named = request.words[1] if len(request.words) > 1 else ""
    if named in {"1", "2", "3", "4"}:
        meant = int(named)
    else:
        answers = acts.acts(tx, kind="approve", target=target) + acts.acts(tx, kind="deny", target=target)
        last = max((act.id for act in answers), default=0)
        open_ones = (act for act in acts.acts(tx, kind="asked", target=target) if act.id > last)
        meant = min((int(act.details.get("level", level)) for act in open_ones), default=level)
    if level > meant:
        raise UsageError(
            f"No. {target} has risen from level {meant} to {level} since it was asked about; nothing was done.",
            f"{verb} {target} {level}",
            french=(
                f"N° {target} est passée du niveau {meant} à {level} depuis la demande ; rien n'a été fait.",
                f"{verb} {target} {level}",
            ),
        )
    return episode


def _rule_asked(tx: Tx, request: Request) -> str:
    """The rule named by `rule:ID`, whose alerts wait for a word; "" where an alert is meant."""
    word = request.words[0] if request.words else ""
    if not word.startswith(RULE):
        return ""
    asked = {act.target for act in acts.acts(tx, kind="asked-rule")}
    if word.removeprefix(RULE) not in asked:
        known = ", ".join(f"{RULE}{one}" for one in sorted(asked))
        raise UsageError(
            f"'{word}' waits for nobody.",
            f"Rules that were asked about: {known or 'none'}.",
            french=(
                f"« {word} » n'attend personne.",
                f"Règles dont il a été question : {known or 'aucune'}.",
            ),
        )
    return word.removeprefix(RULE)


def _target(episode: Episode) -> tuple[str, int]:
    return str(episode.number), int(episode.level)


def _number(word: str) -> int:
    digits = word.lstrip("#")
    if not digits.isdecimal() or len(digits) > 18:
        raise UsageError(
            f"'{word}' is not a number.",
            "Alerts, reports and deliveries are named by their numbers.",
            french=(
                f"« {word} » n'est pas un numéro.",
                "Alertes, signalements et envois sont nommés par leurs numéros.",
            ),
        )
    return int(digits)


def _refs(tx: Tx, word: str) -> Sequence[str]:
    """The observations an alert counts now, or the one that is named."""
    if not word.lstrip("#").isdecimal():
        return [word]
    told = alerts.transitions(tx, number=_number(word))
    return told[-1].transition.evidence.counted if told else ()


def _words_of(request: Request) -> tuple[int, str, str]:
    words = list(request.words)
    if len(words) < 3 or words[0] not in {"1", "2", "3", "4"}:
        raise UsageError(
            "At which level, in which language, and what?",
            "say 3 fr TEXT (or `all` for the language)",
            french=("À quel niveau, en quelle langue, et quoi ?", "say 3 fr TEXTE (ou `all` pour la langue)"),
        )
    lang = words[1].casefold()
    return int(words[0]), "" if lang == "all" else lang, " ".join(words[2:])


def _readers(tx: Tx) -> Iterator[Preferences]:
    """What each active reader asked for."""
    last = ""
    while some := subscribers.recipients(tx, last):
        yield from (one.preferences for one in some)
        last = some[-1].id


def _record(
    tx: Tx,
    kind: str,
    target: str,
    request: Request,
    *,
    until: datetime | None = None,
    level: int | None = None,
    lang: str = "",
    text: str | None = None,
) -> None:
    details = {name: value for name, value in (("level", level), ("lang", lang)) if value not in {None, ""}}
    reason = " ".join(request.words[1:]) if text is None else text
    acts.record(tx, Act(kind, target, request.by, request.now, until=until, reason=reason, details=details))
