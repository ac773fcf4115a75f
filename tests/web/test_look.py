"""What the page's colours are to the eye, by day and by night."""

from __future__ import annotations

import re

import pytest

from tests.app.running import ROOT

STYLE = (ROOT / "templates" / "web" / "style.css").read_text(encoding="utf-8")


def colours(nth: int) -> dict[str, str]:
    """The first `:root` is the day, the second the night."""
    said = re.findall(r":root\{([^}]*)\}", STYLE)[nth]
    return dict(re.findall(r"--(\w+):(#[0-9a-f]+)", said))


def light(colour: str) -> float:
    whole = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = [int(whole[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("nth", [0, 1])
@pytest.mark.parametrize(
    ("name", "least"), [("ink", 7), ("soft", 4.5), ("link", 4.5), ("bad", 4.5), ("edge", 3)]
)
def test_words_and_edges_of_fields_stand_out_from_the_paper(nth: int, name: str, least: float) -> None:
    known = colours(nth)
    dark, bright = sorted((light(known[name]), light(known["paper"])))
    assert (bright + 0.05) / (dark + 0.05) >= least
