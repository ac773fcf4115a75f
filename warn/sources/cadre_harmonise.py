"""People in food crisis: Cadre Harmonisé of CILSS and its partners, a workbook for West Africa on HDX.

Terms: CC BY (HDX). No key. Analysed twice a year by commune and cercle (March or April, November or December), for the
present season and the next lean one, which the following exercise judges again: of two words on one season the later
counts. Told is the share of people in phase 3 or worse, of the country where its regions are there, else of the region,
as soon as the season has begun.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from warn.fetching import Record, Table, code_of, is_home, judged, records
from warn.fetching.hdx import resource
from warn.fetching.workbook import first_sheet, is_workbook
from warn.geo import fold
from warn.model import Observation, Refused
from warn.rows import CellError
from warn.rows.foreign import amount, required, text
from warn.source import Body, Context, Http, Parsed, Source

PACKAGE: Final = "cadre-harmonise"
NEEDED: Final = (
    "adm0_pcod3", "adm1_name", "exercise_label", "exercise_year", "reference_label", "reference_year",
    "population", "phase35",
)  # fmt: skip
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FRENCH: Final[Mapping[str, int]] = {"fev": 2, "avr": 4, "mai": 5, "jui": 6, "aou": 8}
SEVERAL: Final = 2

Season = tuple[int, int]  # year, first month
Unit = tuple[str, float, float]  # region, people, people in phase 3 or worse


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """Asked for whole each time: a season that lay ahead in the same workbook may have begun."""
    address = await resource(http, options, PACKAGE, ("harmonise",), "xlsx")
    return (await http.get(address, expect="zip", conditional=False),)


def parse(content: bytes, context: Context) -> Parsed:
    """The workbook, or its first sheet as CSV."""
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    sheet = _of_workbook(content) if is_workbook(content) else records(content, NEEDED)
    newest: dict[Season, tuple[Season, list[Unit]]] = {}
    aside = list(sheet.torn)
    for line, row in sheet.records:
        if not is_home(row["adm0_pcod3"], context, "iso3"):
            continue
        try:
            season, exercise, unit = _row(row)
        except CellError as error:
            aside.append(Refused(str(error), text(row["adm1_name"]), line))
            continue
        if season not in newest or exercise > newest[season][0]:
            newest[season] = (exercise, [])
        if exercise == newest[season][0] and unit is not None:
            newest[season][1].append(unit)
    begun = {
        season: units for season, (_, units) in newest.items() if _start(season) <= context.now and units
    }
    found = tuple(o for season, units in sorted(begun.items()) for o in _shares(season, units, context))
    message = f"{len(sheet.records)} rows, {len(found)} seasons, {len(newest) - len(begun)} ahead or empty"
    if aside:
        message += f", {len(aside)} set aside: {aside[0].reason}"
    return Parsed(
        "ok" if found else "schema_changed" if aside else "no_data", found, message[:500], tuple(aside)
    )


def _of_workbook(content: bytes) -> Table:
    rows = first_sheet(content)
    header = tuple(cell.strip().lower() for cell in next(rows, []))
    if missing := [name for name in NEEDED if name not in header]:
        raise KeyError(f"no column {', '.join(missing)}")
    padding = [""] * len(header)
    cells = ((line, dict(zip(header, [*row, *padding], strict=False))) for line, row in enumerate(rows, 2))
    return Table(header, tuple(cells))


def _row(row: Record) -> tuple[Season, Season, Unit | None]:
    """Which season, judged by which exercise, and its people; None where no analysis was made."""
    season = (int(amount(required(row, "reference_year")) or 0), _month(required(row, "reference_label")))
    exercise = (int(amount(required(row, "exercise_year")) or 0), _month(required(row, "exercise_label")))
    people, in_crisis = amount(row["population"]), amount(row["phase35"])
    if not 2000 <= season[0] <= 2200:
        raise CellError(f"'{season[0]}' is no year of ours")
    if people is None or in_crisis is None or people == 0:
        return season, exercise, None
    if people < 0 or not 0 <= in_crisis <= people:
        raise CellError("more people in crisis than people")
    return season, exercise, (text(row["adm1_name"]), people, in_crisis)


def _month(label: Any) -> int:
    start = fold(text(label))[:3]
    if start in MONTHS:
        return MONTHS.index(start) + 1
    if start in FRENCH:
        return 7 if fold(text(label)).startswith("juil") else FRENCH[start]
    raise CellError(f"'{text(label, 20)}' begins with no month")


def _start(season: Season) -> datetime:
    return datetime(season[0], season[1], 1, tzinfo=UTC)


def _shares(season: Season, units: list[Unit], context: Context) -> Iterable[Observation]:
    """One share: of the country, or of the only region of which the body speaks."""
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for region, people, in_crisis in units:
        sums[region][0] += people
        sums[region][1] += in_crisis
    whole = len(sums) >= SEVERAL
    people, in_crisis = (sum(both) for both in zip(*sums.values(), strict=True))
    where = context.area.country.get("en", "") if whole and context.area is not None else ""
    name = where if whole else next(iter(sums))
    yield Observation(
        indicator="food_insecure_share",
        occurred_at=_start(season),
        known_at=context.now,
        value=round(in_crisis / people, 4),
        source="cadre_harmonise",
        origins=("Cadre Harmonisé",),
        place=name,
        precision="country" if whole else "region",
        grade="B2",
        attributes={"people": f"{in_crisis:.0f}"},
        url="https://data.humdata.org/dataset/cadre-harmonise",
        key=f"{code_of(context, 'iso3')}:{'' if whole else fold(name)}:{season[0]}-{season[1]:02}",
    )


SOURCE: Final = Source(
    id="cadre_harmonise",
    title="Cadre Harmonisé",
    indicators=("food_insecure_share",),
    every=timedelta(days=7),
    publishes_every=timedelta(days=180),
    lag=timedelta(days=120),
    terms="Cadre Harmonisé, CILSS and partners, CC BY (HDX).",
    homepage="https://data.humdata.org/dataset/cadre-harmonise",
    fetch=fetch,
    parse=parse,
)
