"""The width of every picture in a message, in pixels; apart, so that drawing does not load the rasteriser."""

from typing import Final

WIDE: Final = 600
SLIM: Final = 340  # a phone of 360 pixels
BETWEEN: Final = 480  # drawn so and shown larger: words that stay readable where the whole is shown smaller
