"""Submissions -> observations, with what could harm a reporter left behind on the way.

Kept: the mapped answers, the town, the hour, a mark of the reporter that changes every month. Never kept, not even in
what is set aside: any other answer, a name, a device, a phone, coordinates, the submission's own number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from warn.fetching import ground_for
from warn.links import keyed, reporter_mark
from warn.model import Observation, Outcome, Refused
from warn.rows import CellError, Ground, RowError, observation_from
from warn.rows.cells import number
from warn.source import Context, Parsed
from warn.sources.forms.listing import Answer, Form, Towns
from warn.sources.generic.values import LeftOut, all_hold, first, said, word

DELAY: Final = timedelta(hours=3)
JITTER: Final = timedelta(hours=3)
NOT_STORED: Final = ("what is only shown needs no key",)
DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class Submission:
    """One filled form. `approved_at` is None where its approval bears no time; `id` stays the same when edited."""

    id: str
    form: str
    approved: bool
    submitted_at: datetime
    approved_at: datetime | None
    answers: Mapping[str, Any]


def told(source: str, submissions: Sequence[Submission], forms: Sequence[Form], context: Context) -> Parsed:
    """What approved submissions say; the others are counted and nothing more."""
    approved = [one for one in submissions if one.approved]
    ground = replace(ground_for(context), source=source)
    left_out: Counter[str] = Counter()
    found: dict[str, Observation] = {}
    refused: list[Refused] = []
    for one in approved:
        form = _form_of(one, forms, context.part)
        if form is None:
            left_out["with no question that rules/forms maps"] += 1
            continue
        for answer in form.answers:
            try:
                made = _observation(one, form, answer, ground, context)
            except LeftOut:
                continue
            except (CellError, RowError):
                refused.append(Refused(f"form {form.id}, {answer.indicator}: not an answer it can have"))
            else:
                found[made.key] = made
    message = f"{len(submissions)} submissions, {len(approved)} approved, {len(found)} answers taken"
    message += "".join(f", {count} {reason}" for reason, count in left_out.items())
    outcome: Outcome = "ok" if found else "schema_changed" if refused or left_out else "no_data"
    return Parsed(outcome, tuple(found.values()), message, tuple(refused))


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by the whole path of the question and by its last part; groups nest or are joined by slashes."""
    found: dict[str, Any] = {}
    todo: list[tuple[str, Mapping[str, Any], int]] = [("", record, 0)]
    while todo:
        path, group, depth = todo.pop()
        for name, value in group.items():
            whole = f"{path}{name}"
            if isinstance(value, Mapping):
                if depth < DEEPEST:
                    todo.append((f"{whole}/", value, depth + 1))
            elif not isinstance(value, list):
                found[whole] = value
                found.setdefault(whole.rpartition("/")[2], value)
    return found


def _form_of(one: Submission, forms: Sequence[Form], part: str) -> Form | None:
    """The form that was asked for, the one that the submission names, or the one with most of its questions."""
    asked = part.partition(" ")[0]
    named = [form for form in forms if form.id == asked or (one.form and one.form in _names(form))]
    if named:
        return named[0]
    counts = [(sum(first(one.answers, a.question) is not None for a in form.answers), form) for form in forms]
    best = max(counts, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] else None


def _names(form: Form) -> set[str]:
    return {form.kobo} | ({form.odk.form} if form.odk is not None else set())


def _observation(
    one: Submission, form: Form, answer: Answer, ground: Ground, context: Context
) -> Observation:
    if first(one.answers, answer.question) is None or not all_hold(answer.only, one.answers):
        raise LeftOut
    keys = context.mapping.get("reporter_keys") or NOT_STORED
    occurred = min(one.submitted_at, context.now).replace(minute=0, second=0, microsecond=0)
    reporter = said(one.answers, form.reporter) or "unnamed"  # all who are unnamed count as one
    about = Told(
        value=_amount(answer, one.answers),
        town=_town(form, one.answers),
        occurred_at=occurred,
        known_at=_known(one, keys, context.now),
        mark=reporter_mark(keys, reporter, one.submitted_at),
        key=keyed(keys, f"{form.id} {one.id} {answer.question} {answer.indicator}").hex()[:24],
    )
    return observed(form, answer, about, ground)


@dataclass(frozen=True, slots=True)
class Told:
    """What one answer comes to. `mark` stands for its author this month, `key` for where it came from."""

    value: float
    town: str
    occurred_at: datetime
    known_at: datetime
    mark: str
    key: str


def observed(form: Form, answer: Answer, about: Told, ground: Ground) -> Observation:
    """The same for every way in; raises RowError for what its indicator or the country cannot be."""
    row = {
        "indicator": answer.indicator,
        "value": about.value,
        "occurred_at": about.occurred_at,
        "known_at": about.known_at,
        "origin": [about.mark],
        "place": about.town,
        "precision": "town",
        "grade": form.grade,
        "attributes": dict(answer.attributes),
        "key": about.key,
    }
    return observation_from(row, ground)


def _amount(answer: Answer, answers: Mapping[str, Any]) -> float:
    value = first(answers, answer.question)
    if not answer.map:
        return number(value) * answer.times
    known = {word(name): amount for name, amount in answer.map.items()}
    if word(value) not in known:
        raise LeftOut
    return known[word(value)] * answer.times


def _town(form: Form, answers: Mapping[str, Any]) -> str:
    if not isinstance(form.place, Towns):
        return form.place
    known = {word(name): town for name, town in form.place.map.items()}
    town = known.get(word(first(answers, form.place.question)))
    if town is None:
        raise CellError("a town that the form's list does not hold")
    return town


def _known(one: Submission, keys: Sequence[str], now: datetime) -> datetime:
    """Three to six hours after approval; the same at every poll, and never before we asked."""
    share = int.from_bytes(keyed(keys, f"delay {one.form} {one.id}")[:4], "big") / 2**32
    approved = min(one.approved_at or now, now)
    return max(now, approved + DELAY + JITTER * share)
