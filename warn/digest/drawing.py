"""Numbers into coordinates for the SVG templates. Everything is rounded, so that equal facts give equal bytes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import shapely

from warn.digest.facts import AlertFacts, Facts
from warn.digest.frame import WIDE
from warn.digest.languages import Words
from warn.digest.phrases import city, here, title_of, where_of
from warn.digest.readings import WEEKS, Reading
from warn.digest.roads import ATTACKS, FRESH, INCIDENTS, Road, Status, roads, short, status_words
from warn.digest.situation import situation
from warn.digest.text import cut
from warn.digest.typography import capital, day_short
from warn.model import Level

MARGIN: Final = 0.35  # degrees around the roads
EDGE: Final = (
    0.02  # degrees: the cut itself is not drawn as a border, but at the foot, where the legend begins
)
COARSE: Final = 0.1  # degrees to which incidents are rounded
ROWS: Final = 5
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spark:
    """`runs` are polylines between gaps, `dots` single points, `gaps` (x, width) of what is not known."""

    title: str
    value: str
    limit: str
    runs: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    gaps: tuple[tuple[float, float], ...]
    limit_y: float | None
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of an alert at one level."""

    x: float
    width: float
    level: int
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One alert of the timeline: the foot of its name, and the head of its bars."""

    title: str
    title_y: float
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """The timeline: rows, or what is said where there are none, and ticks (x, date) every two weeks."""

    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    left: float
    height: float
    none: str


@dataclass(frozen=True, slots=True)
class Label:
    """A name beside its point."""

    x: float
    y: float
    text: str
    anchor: str
    town_x: float
    town_y: float


@dataclass(frozen=True, slots=True)
class Disc:
    """Where something was reported, no finer than a tenth of a degree; `date` of the newest report."""

    x: float
    y: float
    date: str
    fresh: bool
    date_x: float
    date_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Roadmap:
    """The map: outlines and roads as path data, in the order in which they are drawn."""

    outlines: tuple[str, ...]
    roads: tuple[tuple[str, Status], ...]
    labels: tuple[Label, ...]
    discs: tuple[Disc, ...]
    city: Label
    scale_width: float
    legend: tuple[tuple[Status, str], ...]
    height: float
    map_height: float


def spark(row: Reading, width: int, height: int, w: Words) -> Spark:
    """The course of one indicator, from zero, with its limit inside the frame."""
    known = [p.value for p in row.points if p.value is not None]
    top = max([*known, row.limit_value or 0, 1e-9]) * 1.15
    step = width / max(1, len(row.points) - 1)
    xy = [
        None if p.value is None else (_r(i * step), _r(height - p.value / top * height))
        for i, p in enumerate(row.points)
    ]
    runs = _runs(xy)
    missing = [i for i, spot in enumerate(xy) if spot is None]
    return Spark(
        title=cut(row.title, 44),
        value=row.value,
        limit=row.limit if row.limit_value is not None else w._("no limit"),
        runs=tuple(_steps(run) for run in runs if len(run) > 1),
        dots=tuple(run[0] for run in runs if len(run) == 1),
        gaps=_gaps(missing, step, width),
        limit_y=None if row.limit_value is None else _r(height - row.limit_value / top * height),
        width=width,
        height=height,
    )


def bars(facts: Facts, w: Words, width: int) -> Bars:
    """The gravest alerts of the last eight weeks, a bar per level; where there is little room, below their names."""
    stacked = width < WIDE
    start, left, pitch = facts.now - timedelta(weeks=WEEKS), 12.0 if stacked else 210.0, 36 if stacked else 22
    per_day = (width - left - 12) / (WEEKS * 7)
    shown = [a for a in facts.alerts if a.shown and a.history]
    shown.sort(key=lambda a: (-a.state.level, -a.state.peak, a.state.rule, a.state.by))
    rows = tuple(
        Row(
            cut(capital(where_of(alert, w)) or title_of(w, alert.text), 44 if stacked else 32),
            40.0 + pitch * i - (2 if stacked else 0),
            26.0 + pitch * i + (16 if stacked else 0),
            _stretches(alert, facts, start, left, per_day),
        )
        for i, alert in enumerate(shown[:ROWS])
    )
    ticks = tuple(
        (_r(left + 14 * n * per_day), day_short(here(facts, start + timedelta(weeks=2 * n)).date(), w.lang))
        for n in range(WEEKS // 2 + 1)
    )
    unclear = situation(facts).level is None
    none = w._("Not known, for want of sources.") if unclear else w._("No alert in these weeks.")
    return Bars(rows, ticks, left, 26.0 + pitch * max(1, len(rows)) + 24, none)


def roadmap(facts: Facts, w: Words, width: int) -> Roadmap:
    known = roads(facts)
    view = _View.around(facts, width)
    centre = view.at(facts.geography.area.lon, facts.geography.area.lat)
    taken: list[Box] = []
    name = city(facts, w.lang)
    own = Label(centre[0] + 10, centre[1] + 18, name, "start", *centre)
    taken += [(centre[0] - 8, centre[1] - 8, centre[0] + 8, centre[1] + 8), _box(own, 8.2)]
    taken.append((0, view.height - 36, _r(100 / 111.32 * view.per_degree) + 32, view.height))  # the scale bar
    discs = _discs(facts, view, taken, w)
    labels = _labels(known, facts, view, taken)
    legend = tuple(
        (status, status_words(w, status)) for status in dict.fromkeys(road.status for road in known)
    )
    return Roadmap(
        outlines=_outlines(facts, view),
        roads=tuple((_path(r.corridor.line.coords, view), r.status) for r in reversed(known)),
        labels=labels,
        discs=discs,
        city=own,
        scale_width=_r(100 / 111.32 * view.per_degree),
        legend=legend,
        height=view.height + 20 * math.ceil(len(legend) / 2) + 30,
        map_height=view.height,
    )


@dataclass(frozen=True, slots=True)
class _View:
    """Degrees to pixels on a plate stretched by the cosine of the middle latitude."""

    west: float
    north: float
    per_degree: float  # pixels per degree of latitude
    shrink: float
    height: float
    width: float

    @classmethod
    def around(cls, facts: Facts, width: int) -> _View:
        lines = [c.line for c in facts.geography.corridors]
        area = facts.geography.area
        west, south, east, north = (
            shapely.total_bounds(lines) if lines else (area.lon - 2, area.lat - 2, area.lon + 2, area.lat + 2)
        )
        west, south, east, north = west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN
        shrink = math.cos(math.radians((south + north) / 2))
        per_degree = width / ((east - west) * shrink)
        return cls(west, north, per_degree, shrink, round((north - south) * per_degree), width)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return _r((lon - self.west) * self.shrink * self.per_degree), _r((self.north - lat) * self.per_degree)


def _labels(known: Sequence[Road], facts: Facts, view: _View, taken: list[Box]) -> tuple[Label, ...]:
    """The towns by which each road is known, where their names do not cover one another."""
    names: dict[str, tuple[float, float]] = {}
    for road in known:
        spots = dict(zip(road.corridor.towns, road.corridor.line.coords, strict=False))
        for town in short(road.corridor, facts):
            if town in spots and town != city(facts, "fr"):
                names.setdefault(town, view.at(*spots[town][:2]))
    placed = []
    for town, (x, y) in names.items():
        label = next((one for one in _around(town, x, y) if _free(_box(one, 6.6), taken, view)), None)
        if label:
            taken.append(_box(label, 6.6))
            placed.append(label)
    return tuple(placed)


def _around(text: str, x: float, y: float) -> Iterable[Label]:
    for dx, dy, anchor in (
        (7, 4, "start"),
        (-7, 4, "end"),
        (12, 4, "start"),
        (-12, 4, "end"),
        (0, -8, "middle"),
        (0, 17, "middle"),
        (10, 16, "start"),
        (-10, 16, "end"),
        (10, -8, "start"),
        (-10, -8, "end"),
    ):
        yield Label(_r(x + dx), _r(y + dy), text, anchor, x, y)


def _box(label: Label, per_letter: float) -> Box:
    wide = per_letter * len(label.text)
    left = label.x - {"start": 0.0, "middle": wide / 2, "end": wide}[label.anchor]
    return left, label.y - 11, left + wide, label.y + 3


def _free(box: Box, taken: Sequence[Box], view: _View) -> bool:
    inside = box[0] > 2 and box[1] > 2 and box[3] < view.height - 2 and box[2] < view.width - 2
    return inside and not any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken
    )


def _discs(facts: Facts, view: _View, taken: list[Box], w: Words) -> tuple[Disc, ...]:
    newest: dict[tuple[float, float], datetime] = {}
    for o in facts.observations:
        recent = timedelta(0) <= facts.now - o.occurred_at <= timedelta(days=60)
        if o.indicator not in ATTACKS | INCIDENTS or o.lat is None or o.lon is None or not recent:
            continue
        if o.precision in {"point", "town"}:
            cell = (round(o.lat / COARSE) * COARSE, round(o.lon / COARSE) * COARSE)
            newest[cell] = max(newest.get(cell, o.occurred_at), o.occurred_at)
    spots = [
        (*view.at(lon, lat), when)
        for (lat, lon), when in sorted(newest.items(), key=lambda item: (item[1], item[0]), reverse=True)
    ]
    inside = [(x, y, when) for x, y, when in spots if 0 < x < view.width and 0 < y < view.height]
    taken += [(x - 8, y - 8, x + 8, y + 8) for x, y, _ in inside]
    return tuple(reversed([_disc(x, y, when, facts, view, taken, w) for x, y, when in inside]))


def _disc(x: float, y: float, when: datetime, facts: Facts, view: _View, taken: list[Box], w: Words) -> Disc:
    date = day_short(here(facts, when).date(), w.lang)
    spot = next((one for one in _beside(date, x, y) if _free(_box(one, 7.2), taken, view)), None)
    fresh = facts.now - when < FRESH
    if spot is None:
        return Disc(x, y, "", fresh, x, y, "middle")
    taken.append(_box(spot, 7.2))
    return Disc(x, y, date, fresh, spot.x, spot.y, spot.anchor)


def _beside(text: str, x: float, y: float) -> Iterable[Label]:
    for dx, dy, anchor in ((0, -11, "middle"), (0, 20, "middle"), (11, 4, "start"), (-11, 4, "end")):
        yield Label(_r(x + dx), _r(y + dy), text, anchor, x, y)


def _outlines(facts: Facts, view: _View) -> tuple[str, ...]:
    """The country's border, simplified to what a small picture can show, and cut just outside its frame.

    Cut here and not by the drawing: a clip makes the rasteriser paint the whole map twice.
    """
    shape = shapely.simplify(facts.geography.outline, 0.02)
    south, east = (
        view.north - view.height / view.per_degree,
        view.west + view.width / view.per_degree / view.shrink,
    )
    seen = shapely.clip_by_rect(shape, view.west - EDGE, south, east + EDGE, view.north)
    polygons = [p for p in shapely.get_parts(seen) if p.geom_type == "Polygon"]
    return tuple(_path(p.exterior.coords, view) + "Z" for p in polygons if not p.is_empty)


def _path(coords: Iterable[Sequence[float]], view: _View) -> str:
    spots = [view.at(c[0], c[1]) for c in coords]
    return "M" + "L".join(f"{x},{y}" for x, y in spots)


def _stretches(
    alert: AlertFacts, facts: Facts, start: datetime, left: float, per_day: float
) -> tuple[Bar, ...]:
    moves = [m for m in alert.history if m.at <= facts.now]
    found: list[Bar] = []
    for i, move in enumerate(moves):
        end = moves[i + 1].at if i + 1 < len(moves) else facts.now
        begin = max(move.at, start)
        level = Level.CALM if move.kind in {"closed", "withdrawn"} else move.level
        if end <= begin or level == Level.CALM:
            continue
        x = left + (begin - start) / timedelta(days=1) * per_day
        wide = max(2.0, (end - begin) / timedelta(days=1) * per_day)
        bar = Bar(_r(x), _r(wide), int(level), move.kind in {"blind", "lapsed"})
        if found and (found[-1].level, found[-1].blind) == (bar.level, bar.blind):
            bar = Bar(found[-1].x, _r(x + wide - found[-1].x), bar.level, bar.blind)
            found.pop()
        found.append(bar)
    return tuple(found)


def _gaps(missing: Sequence[int], step: float, width: float) -> tuple[tuple[float, float], ...]:
    """Neighbouring days without data as one stretch (x, width)."""
    ranges: list[list[int]] = []
    for i in missing:
        if ranges and ranges[-1][1] == i - 1:
            ranges[-1][1] = i
        else:
            ranges.append([i, i])
    edges = [(max(0.0, (a - 0.5) * step), min(width, (b + 0.5) * step)) for a, b in ranges]
    return tuple((_r(left), _r(right - left)) for left, right in edges)


def _steps(run: Sequence[tuple[float, float]]) -> str:
    """A value stands until the next one: steps, not slopes."""
    said = [f"{run[0][0]},{run[0][1]}"]
    for (_, before), (x, y) in pairwise(run):
        said += [f"{x},{before}", f"{x},{y}"] if y != before else [f"{x},{y}"]
    return " ".join(said)


def _runs(xy: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for spot in xy:
        if spot is None:
            runs.append([])
        else:
            runs[-1].append(spot)
    return [run for run in runs if run]


def _r(value: float) -> float:
    return round(float(value), 1)
