"""Pictures as SVG templates, the same in mail, page and Telegram: sparkline, timeline of levels, map, composite."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment

from warn.digest.drawing import bars, roadmap, spark
from warn.digest.facts import Facts
from warn.digest.frame import BETWEEN, WIDE
from warn.digest.languages import render, words
from warn.digest.phrases import city, level_tag, stamp
from warn.digest.readings import Reading, readings
from warn.digest.situation import situation


def sparkline(env: Environment, facts: Facts, indicator: str, lang: str) -> str:
    """The last eight weeks of one indicator with its limit; where data are missing there is a gap, not a line.

    Empty where the indicator is not among those shown.
    """
    w = words(env, lang)
    found = [row for row in readings(facts, w) if row.id == indicator]
    if not found:
        return ""
    return render(env, "charts/sparkline.svg", lang, s=spark(found[0], 272, 48, w), width=280, height=92)


def timeline(env: Environment, facts: Facts, lang: str, width: int = WIDE) -> str:
    """The levels of every shown alert over the last eight weeks."""
    drawn = bars(facts, words(env, lang), width)
    return render(env, "charts/timeline.svg", lang, t=drawn, width=width, height=drawn.height, alone=True)


def road_map(env: Environment, facts: Facts, lang: str) -> str:
    """Country outline, corridors by status, incidents as coarse discs at 0.1 degree, the city, a scale bar."""
    drawn = roadmap(facts, words(env, lang), WIDE)
    return render(env, "charts/map.svg", lang, m=drawn, width=WIDE, height=drawn.height)


def composite(env: Environment, facts: Facts, lang: str) -> str:
    """The one picture of a digest: situation, map, timeline, and the first two indicators with a known course."""
    w = words(env, lang)
    told = situation(facts)
    drawn, rows, zoom = roadmap(facts, w, WIDE), bars(facts, w, BETWEEN), WIDE / BETWEEN
    known = [row for row in readings(facts, w) if _has_course(row)][:2]
    places: dict[str, Any] = {
        "m": drawn,
        "t": rows,
        "alone": False,
        "sparks": [spark(row, 272, 48, w) for row in known],
        "map_y": 44,
        "timeline_y": 44 + drawn.height,
        "zoom": round(zoom, 3),
        "spark_y": round(44 + drawn.height + rows.height * zoom),
    }
    height = places["spark_y"] + (92 if known else 8)
    title = f"{city(facts, w.lang)} - {level_tag(w, told.level)}"
    return render(
        env, "charts/composite.svg", lang, width=WIDE, height=height, title=title, level=told.level,
        stamp=stamp(facts, w.lang), exercise=facts.exercise, **places,
    )  # fmt: skip


def _has_course(row: Reading) -> bool:
    return sum(point.value is not None for point in row.points) > 1
