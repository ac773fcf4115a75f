"""Pictures as SVG templates, the same in mail, page and Telegram."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment

from warn.digest.facts import Facts


def sparkline(env: Environment, facts: Facts, indicator: str, lang: str) -> str:
    """The last eight weeks of one indicator with its limit; where data are missing there is a gap, not a line."""
    raise NotImplementedError


def timeline(env: Environment, facts: Facts, lang: str) -> str:
    """The levels of every shown alert over the last eight weeks."""
    raise NotImplementedError


def road_map(env: Environment, facts: Facts, lang: str) -> str:
    """Country outline, corridors by status, incidents as coarse discs at 0.1 degree, the city, a scale bar."""
    raise NotImplementedError


def composite(env: Environment, facts: Facts, lang: str) -> str:
    """The one picture of a digest: situation, timeline and map."""
    raise NotImplementedError


def rasterise(svg: str, fonts: Sequence[str]) -> bytes:
    """A PNG of at most 64 colours; `fonts` are paths of font files, because the host may have none."""
    raise NotImplementedError
