"""SVG to PNG. Apart from what draws the SVG, because it alone runs in processes of its own (warn/app/painting.py)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import resvg_py
from PIL import Image

from warn.digest.frame import WIDE

COLOURS: Final = 64
LARGEST: Final = 35_000


def rasterise(svg: str, fonts: Sequence[str]) -> bytes:
    """A PNG of at most 64 colours and 35 kB; `fonts` are paths of font files, because the host may have none.

    Squeezing harder takes several times as long, and is done only where the quick way leaves it too large; a drawing
    too rich even then is drawn smaller.
    """
    png = b""
    for zoom in (1.0, 0.8, 0.6):
        image = _drawn(svg, fonts, zoom)
        for effort in (6, 9):
            png = _packed(image, effort)
            if len(png) <= LARGEST:
                return png
    return png


def _drawn(svg: str, fonts: Sequence[str], zoom: float) -> Image.Image:
    raw = resvg_py.svg_to_bytes(
        svg_string=svg,
        font_files=list(fonts),
        skip_system_fonts=True,
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
        background="#ffffff",
        width=round(WIDE * zoom) if f'width="{WIDE}"' in svg else None,
    )
    with Image.open(io.BytesIO(bytes(raw))) as image:
        return image.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )


def _packed(image: Image.Image, effort: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=effort)
    return out.getvalue()
