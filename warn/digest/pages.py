"""What the page of one alert says: the message itself, what it rests on, what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from warn.digest import endings, notices, sight
from warn.digest.entries import against, until
from warn.digest.facts import AlertFacts, Facts
from warn.digest.fieldwork import from_field
from warn.digest.languages import Words
from warn.digest.notice import Notice
from warn.digest.phrases import SHAPES, certainty_word, here, level_tag, title_of, where_of
from warn.digest.references import link, page_day
from warn.digest.spoken import behind, criterion, standing, unit_words
from warn.digest.telling import figure, told
from warn.digest.text import clean
from warn.digest.typography import capital, day_month, hour
from warn.digest.variants import Variant
from warn.model import Level, Observation, Transition
from warn.speech import quantity


@dataclass(frozen=True, slots=True)
class Proof:
    """One report: what it says, who said it, how far it is trusted, where it stands."""

    text: str
    origins: str
    grade: str
    known: str
    figure: str = ""
    url: str = ""
    together: bool = False  # several reports that are not told one by one
    later: str = ""  # the day of its page, where that lies after the moment shown


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Everything the page of one alert prints."""

    title: str
    where: str
    tag: str
    shape: str
    level: Level
    notice: Notice
    certainty: str
    counted: tuple[Proof, ...]
    left_out: tuple[Proof, ...]
    history: tuple[tuple[str, str], ...]
    change: str


def alert_page(facts: Facts, about: AlertFacts, w: Words) -> AlertPage:
    state, closed = about.state, about.state.status == "closed"
    counted = {ref: None for move in (*about.history[::-1],) for ref in behind(move.evidence)}
    left = {ref: None for ref in (about.evidence.not_counted if about.evidence else ()) if ref not in counted}
    return AlertPage(
        title=title_of(w, about.text),
        where=where_of(about, w),
        tag=w._("ended") if closed else level_tag(w, state.level),
        shape=SHAPES[Level.CALM if closed else state.level],
        level=Level.CALM if closed else state.level,
        notice=_notice(facts, about, w),
        certainty=certainty_word(w, about.text.certainty),
        counted=_proofs(counted, facts, w),
        left_out=_proofs(left, facts, w),
        history=tuple((_when(m, facts, w), _move(m, about, facts, w)) for m in _told(about)),
        change=_change(facts, about, w),
    )


def _notice(facts: Facts, about: AlertFacts, w: Words) -> Notice:
    """The message as it stands now, for a resident who reads it in a chat."""
    if about.state.status == "closed":
        return endings.all_clear(facts, about, w)
    if about.state.status in {"blind", "lapsed"}:
        return sight.blind(facts, [about], w)
    return notices.alert(facts, about, Variant("telegram", w.lang, "resident"), w, ())


def _proofs(refs: dict[str, None], facts: Facts, w: Words) -> tuple[Proof, ...]:
    found = [o for o in facts.observations if o.ref in refs]
    found.sort(key=lambda o: (o.occurred_at, o.known_at, o.ref), reverse=True)
    together = _together([o for o in found if from_field(o)], facts, w)
    return (*together, *(_proof(o, facts, w) for o in found if not from_field(o)))


def _together(reports: Sequence[Observation], facts: Facts, w: Words) -> Iterator[Proof]:
    """Reports from the ground are counted; one by one they could give their authors away."""
    authors = len({origin for one in reports for origin in one.origins})
    if reports:
        yield Proof(
            text=w.ngettext("%(n)s report from the ground", "%(n)s reports from the ground", len(reports)),
            origins=w.ngettext("%(n)s reporter", "%(n)s reporters", authors),
            grade=clean(reports[0].grade, 4),
            known=day_month(here(facts, max(one.known_at for one in reports)).date(), w.lang),
            together=True,
        )


def _proof(report: Observation, facts: Facts, w: Words) -> Proof:
    later = page_day(report, facts)
    return Proof(
        text=capital(told(report, facts, w)),
        origins=clean(", ".join(report.origins) or report.source, 80),
        grade=clean(report.grade, 4),
        known=day_month(here(facts, report.known_at).date(), w.lang),
        figure=figure(report, facts, w),
        url=link(report),
        later=day_month(later, w.lang) if later else "",
    )


def _told(about: AlertFacts) -> Iterator[Transition]:
    """Newest first; that it went on being in force is said only where it is the last word."""
    last = about.history[-1:]
    return (m for m in reversed(about.history) if m.kind != "reminded" or m in last)


def _when(move: Transition, facts: Facts, w: Words) -> str:
    at = here(facts, move.at)
    return f"{day_month(at.date(), w.lang)}, {hour(at, w.lang)}"


def _move(move: Transition, about: AlertFacts, facts: Facts, w: Words) -> str:
    """`relevée de 2/4 à 3/4 ; valeur 2 (seuil : 2)`."""
    level, before = int(move.level), int(move.before)
    said = {
        "opened": w._("opened at %(level)s/4", level=level),
        "raised": w._("raised from %(before)s/4 to %(level)s/4", before=before, level=level),
        "eased": w._("eased from %(before)s/4 to %(level)s/4", before=before, level=level),
        "updated": w._("something new, still %(level)s/4", level=level),
        "closed": w._("ended"),
        "blind": w._("no news, kept at %(level)s/4", level=level),
        "sighted": w._("news again, at %(level)s/4", level=level),
        "lapsed": w._("lost from sight, no longer counted"),
        "withdrawn": w._("withdrawn"),
        "corrected": w._("corrected from %(before)s/4 to %(level)s/4", before=before, level=level),
        "edited": w._("the rule was changed"),
        "reminded": w._("still in force, at %(level)s/4", level=level),
    }[move.kind]
    proof = move.evidence
    if proof.value is None or proof.tree.get("measure") == "state" or move.kind in {"blind", "lapsed"}:
        return said
    unit = unit_words(proof, facts, w)
    value = quantity(proof.value, unit, w.lang)
    limit = about.text.thresholds.get(move.level.word)
    if limit is None:
        return w._("%(what)s; value %(value)s", what=said, value=value)
    shown = quantity(limit, unit, w.lang)
    return w._("%(what)s; value %(value)s (threshold: %(limit)s)", what=said, value=value, limit=shown)


def _change(facts: Facts, about: AlertFacts, w: Words) -> str:
    """What would raise it, and what ends it; or by what it ended."""
    if about.state.status == "closed":
        return capital(criterion(facts, about, w))
    return " ".join(filter(None, (against(standing(about), facts, w), capital(until(about, facts, w)))))
