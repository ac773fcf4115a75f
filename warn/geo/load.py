"""The texts of a rules folder -> Geography. Pure: the caller reads the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from warn.geo.shapes import Geography

FILES: Final = (
    "area.yaml", "places.yaml", "corridors.geojson", "regions.geojson", "gazetteer.csv", "outline.geojson",
)  # fmt: skip
"""What `geography` reads. Only area.yaml is required; without a file there is simply none of what it holds."""


def geography(files: Mapping[str, str]) -> Geography:
    """Builds everything from (file name -> text). Raises ConfigError naming the file and what is wrong with it."""
    raise NotImplementedError
