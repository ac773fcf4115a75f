"""The width of every picture in a message, in pixels; apart, so that drawing does not load the rasteriser."""

from typing import Final

WIDE: Final = 600
