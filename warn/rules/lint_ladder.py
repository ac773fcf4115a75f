"""Lint of numbers: ladders that can be climbed, and closings that lie on the quiet side."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from warn.documents import Fault
from warn.indicators import Indicators
from warn.model import FAMILIES, Level
from warn.rules.checked import Checked, Folder
from warn.rules.durations import short
from warn.rules.filters import Measured
from warn.rules.measures import Families, Rules, State
from warn.rules.sentences import tell


def ladder(one: Checked, folder: Folder) -> Iterator[Fault]:
    """One ladder, its numbers in order, each within what the measure can give."""
    rule = one.rule
    if (rule.rises_to is None) == (rule.falls_to is None):
        if not one.touched & {"rises_to", "falls_to"}:
            spot = one.spot("falls_to", key=True) if rule.falls_to is not None else one.spot("id")
            yield tell(one.document, spot, "ladder")
        return
    key = "rises_to" if rule.rising else "falls_to"
    if Level.CALM in rule.ladder:
        yield tell(one.document, one.spot(key, "calm", key=True), "calm-in-ladder")
    below: tuple[Level, float] | None = None
    for level, number in rule.ladder.items():
        wrong = below is not None and (number <= below[1] if rule.rising else number >= below[1])
        if below is not None and wrong:
            more = ("larger", "grand") if rule.rising else ("smaller", "petit")
            words = {"level": level.word, "number": one.written(key, level.word), "below": below[0].word}
            spot = one.spot(key, level.word)
            other = one.written(key, below[0].word)
            yield tell(one.document, spot, "non-monotone", **words, other=other, ladder=key, more=more)
        else:
            yield from _reachable(one, folder, key, level, number)
        below = (level, number)


def _reachable(one: Checked, folder: Folder, key: str, level: Level, number: float) -> Iterator[Fault]:
    least, most = _bounds(one.rule.measure, folder.indicators)
    rising = one.rule.rising
    never = number > most if rising else number < least
    always = number <= least if rising else number >= most
    if not (never or always):
        return
    ends = (_plain(least), _plain(most))
    english = f"from {ends[0]} to {ends[1]}" if math.isfinite(most) else f"from {ends[0]} up"
    french = f"de {ends[0]} à {ends[1]}" if math.isfinite(most) else f"de {ends[0]} vers le haut"
    words = {"level": level.word, "number": one.written(key, level.word), "bound": (english, french)}
    spot = one.spot(key, level.word)
    yield tell(one.document, spot, "unreachable-level" if never else "always-reached", **words)


def _bounds(measure: Measured, indicators: Indicators) -> tuple[float, float]:
    """The least and greatest value a measure can take, as far as it can be told."""
    if isinstance(measure, State):
        return 0.0, 1.0
    if isinstance(measure, Rules):
        return 0.0, float(len(measure.rules))
    if isinstance(measure, Families):
        return 0.0, float(len(FAMILIES) - len(measure.families.except_))
    if measure.kind in {"count", "sum", "silence", "spike"}:
        return 0.0, math.inf
    if measure.kind in {"latest", "mean", "median", "min", "max"}:
        known = [found for name in measure.indicators if (found := indicators.get(name))]
        if known:
            return min(one.range[0] for one in known), max(one.range[1] for one in known)
    return -math.inf, math.inf


def clears(one: Checked, _: Folder) -> Iterator[Fault]:
    """`clears_at` must lie where no level is met, else it would close what it has just opened."""
    rule, at = one.rule, one.rule.clears_at
    numbers = list(rule.ladder.values())
    if at is None or not numbers or one.touched & {"rises_to", "falls_to", "clears_at"}:
        return
    opens = numbers[0]
    if (at < opens) if rule.rising else (at > opens):
        return
    if any((b <= a) if rule.rising else (b >= a) for a, b in itertools.pairwise(numbers)):
        return  # told already: the ladder itself is out of order
    key = "rises_to" if rule.rising else "falls_to"
    written = one.written("clears_at")
    places = max(_decimals(one.written(key, level.word)) for level in rule.ladder)
    places = max(places, _decimals(written))
    x = _between(at, numbers, places, rising=rule.rising)
    level = max(lv for lv, number in rule.ladder.items() if ((x >= number) if rule.rising else (x <= number)))
    shown = f"{x:.{places}f}"
    words = {
        "clears": written,
        "x": shown,
        "level": level.word,
        "number": one.written(key, level.word),
        "open": one.written(key, min(rule.ladder).word),
        "better": f"{_beyond(opens, rising=rule.rising, counts=_counts(rule.measure)):.{places}f}",
        "beyond": ("below", "au-dessous") if rule.rising else ("above", "au-dessus"),
        "yet": _yet(shown, written, at=x == at, rising=rule.rising),
    }
    yield tell(one.document, one.spot("clears_at"), "clears-at-side", **words)


def _between(at: float, numbers: list[float], places: int, *, rising: bool) -> float:
    """A value that meets a level and would close all the same; off the numbers themselves where there is room."""
    met = [number for number in numbers if ((number <= at) if rising else (number >= at))]
    nearest = max(met) if rising else min(met)
    x = round(at + (nearest - at) * 0.6, places)
    return x if x not in {at, nearest} else at


def _yet(x: str, written: str, *, at: bool, rising: bool) -> tuple[str, str]:
    if at:
        return f"clears_at is {written}", f"clears_at vaut {written}"
    if rising:
        return f"{x} is below {written}", f"{x} est sous {written}"
    return f"{x} is above {written}", f"{x} dépasse {written}"


def _beyond(opens: float, *, rising: bool, counts: bool) -> float:
    """A number one step on the quiet side of the opening."""
    if counts:
        return max(0.0, opens - 1)
    step = 10.0 ** math.floor(math.log10(abs(opens))) if opens else 1.0
    if rising and abs(step - opens) < 1e-9:
        step /= 10
    return opens - step if rising else opens + step


def _counts(measure: Measured) -> bool:
    return measure.kind in {"count", "sum", "state", "rules", "families"}


def _decimals(written: str) -> int:
    return len(written.partition(".")[2])


def _plain(number: float) -> str:
    return f"{number:g}"


def timing(one: Checked, _: Folder) -> Iterator[Fault]:
    """Easing comes before closing."""
    rule = one.rule
    if rule.eases_after > rule.clears_after and not one.touched & {"eases_after", "clears_after"}:
        words = {"eases": short(rule.eases_after), "clears": short(rule.clears_after)}
        yield tell(one.document, one.spot("eases_after"), "eases-after", **words)
