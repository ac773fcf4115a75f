"""Every source there is, by id. Adding one is a file in this folder and a line here.

`configured` gives them as the rules folder wants them (which feeds, which are core). `options`, as handed
to `fetch`, hold `now`, `area` (geo.Area), `files` (the folder of the file source) and what a source `needs`, by
that name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from warn.source import Source
from warn.sources import brent, fcdo, feeds, file, ioda, us_state

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        feeds.SOURCE.id: feeds.SOURCE,
        fcdo.SOURCE.id: fcdo.SOURCE,
        us_state.SOURCE.id: us_state.SOURCE,
        ioda.SOURCE.id: ioda.SOURCE,
        brent.SOURCE.id: brent.SOURCE,
        file.SOURCE.id: file.SOURCE,
    }
)
FILES = ("feeds.yaml",)
"""What `configured` reads of the rules folder."""


def configured(files: Mapping[str, str]) -> Mapping[str, Source]:
    """The sources with what the rules folder says of them (name -> text). Raises ConfigError."""
    if "feeds.yaml" not in files:
        return SOURCES
    return MappingProxyType({**SOURCES, "feeds": feeds.configured(feeds.load(files["feeds.yaml"]))})
