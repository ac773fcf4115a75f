"""Every source there is, by id. Adding one is a file in this folder and a line here.

`configured` gives them as the rules folder wants them (which feeds, which are core). `options`, as handed
to `fetch`, hold `now`, `area` (geo.Area), `files` (the folder of the file source) and what a source `needs`, by
that name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from warn.documents import Fault
from warn.source import Source
from warn.sources import (
    acled,
    bot,
    brent,
    cadre_harmonise,
    fcdo,
    feeds,
    file,
    firms,
    forms,
    gdelt,
    generic,
    idmc,
    ioda,
    kobo,
    odk,
    reliefweb,
    ucdp,
    us_state,
    webhook,
    wfp_prices,
)

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        feeds.SOURCE.id: feeds.SOURCE,
        fcdo.SOURCE.id: fcdo.SOURCE,
        us_state.SOURCE.id: us_state.SOURCE,
        ioda.SOURCE.id: ioda.SOURCE,
        brent.SOURCE.id: brent.SOURCE,
        file.SOURCE.id: file.SOURCE,
        gdelt.SOURCE.id: gdelt.SOURCE,
        reliefweb.SOURCE.id: reliefweb.SOURCE,
        acled.SOURCE.id: acled.SOURCE,
        ucdp.SOURCE.id: ucdp.SOURCE,
        wfp_prices.SOURCE.id: wfp_prices.SOURCE,
        firms.SOURCE.id: firms.SOURCE,
        idmc.SOURCE.id: idmc.SOURCE,
        cadre_harmonise.SOURCE.id: cadre_harmonise.SOURCE,
        kobo.SOURCE.id: kobo.SOURCE,
        odk.SOURCE.id: odk.SOURCE,
        bot.SOURCE.id: bot.SOURCE,
        webhook.SOURCE.id: webhook.SOURCE,
    }
)


def configured(files: Mapping[str, str]) -> Mapping[str, Source]:
    """The sources with what the rules folder says of them (name -> text). Raises ConfigError."""
    found = dict(SOURCES)
    if "feeds.yaml" in files:
        found["feeds"] = feeds.configured(feeds.load(files["feeds.yaml"]))
    fielded = forms.load(files)
    found |= {one.SOURCE.id: one.configured(fielded) for one in (kobo, odk, bot)}
    if "sources.yaml" in files:
        found |= {one.id: generic.source_of(one) for one in generic.load(files["sources.yaml"])}
    return MappingProxyType(found)


def check(
    files: Mapping[str, str], shown: str = "rules", indicators: Collection[str] | None = None
) -> tuple[Fault, ...]:
    """Every fault of the files that say how sources are asked and read, told below `shown`."""
    faults: tuple[Fault, ...] = ()
    if "feeds.yaml" in files:
        faults += feeds.check(files["feeds.yaml"], f"{shown}/feeds.yaml")[1]
    if "sources.yaml" in files:
        where = f"{shown}/sources.yaml"
        faults += generic.check(files["sources.yaml"], where, indicators=indicators, taken=SOURCES)[1]
    return faults + forms.check(files, shown, indicators)[1]
