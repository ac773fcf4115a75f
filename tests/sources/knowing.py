"""The rules folder as sources see it, built from the shipped files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from warn.geo import geography
from warn.indicators import indicators
from warn.reading import load_reader
from warn.source import Context

RULES = Path(__file__).parents[2] / "rules"
PAYLOADS = Path(__file__).parents[1] / "payloads"


@cache
def texts() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in RULES.iterdir() if path.is_file()}


@cache
def _knowledge():
    geo = geography(texts())
    return geo, indicators(texts()["indicators.yaml"]), load_reader(texts()["lexicon.yaml"], geo.gazetteer)


def context(now: datetime, part: str = "") -> Context:
    geo, known, reader = _knowledge()
    return Context(now, known, geo, reader, geo.area, part=part)


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def mutated(body: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Bodies a little or badly damaged: bytes changed, pieces cut out, doubled, swapped or torn off."""
    dice = random.Random(seed)
    for _ in range(count):
        made = bytearray(body)
        for _ in range(dice.randint(1, 8)):
            a, b = sorted(dice.randrange(len(made) + 1) for _ in range(2))
            match dice.randrange(6):
                case 0:
                    made[a : a + 1] = dice.randbytes(1)
                case 1:
                    del made[a : min(b, a + 40)]
                case 2:
                    made[a:a] = made[a : min(b, a + 200)]
                case 3:
                    del made[max(b, 1) :]
                case 4:
                    made[a:a] = dice.choice(
                        [
                            b"\x00",
                            b"\xff\xfe",
                            b"<",
                            b'"',
                            b"9" * 30,
                            b"]]>",
                            b"null",
                            b"-",
                            "é".encode("latin-1"),
                        ]
                    )
                case _:
                    made[a:a] = dice.randbytes(8)
        yield bytes(made)
