"""Event windows beside ElastAlert2's frequency, spike and cardinality: events in memory on both sides.

Ours have geometry (near a road) and whole evidence; theirs count what is handed to them. What is handed to theirs
are events; ours first finds out which reports tell of the same one. So there are two clocks: one over events in
memory on both sides (reports loaded and joined into incidents), and one from the reports on, in which a window alone
pays for what all windows over an indicator share.
"""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import time
import venv
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from warn.model import Coverage, Observation
from warn.rules.evaluate import Engine
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule

from bench.rules_world import START, WORDS, ground

EVENTS: Final = 20_000
WINDOWS: Final = 20
PACKAGES: Final = ("elastalert2", "pytz")
MEASURES: Final[Mapping[str, Mapping[str, Any]]] = {
    "frequency": {"count": "convoy_attack", "near": "roads", "over": "14d"},
    "spike": {"spike": "convoy_attack", "near": "roads", "over": "7d", "before": "7d"},
    "cardinality": {"latest": "convoy_attack", "near": "roads", "over": "14d", "min_origins": 61},
}
RISES: Final = {"frequency": 900, "spike": 3, "cardinality": 1}


def peer(cache: Path) -> Path | str:
    """The Python of an environment with ElastAlert2, or why there is none."""
    python = cache / "elastalert2" / "bin" / "python"
    if not python.exists():
        venv.create(cache / "elastalert2", with_pip=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "-q", *PACKAGES],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return f"pip cannot install {' '.join(PACKAGES)}: {done.stderr.strip().splitlines()[-1:]}"
    tried = subprocess.run(
        [str(python), "-c", "import elastalert.ruletypes"], capture_output=True, text=True, check=False
    )
    return python if tried.returncode == 0 else tried.stderr.strip().splitlines()[-1]


def theirs(python: Path, kind: str, windows: int) -> float:
    script = Path(__file__).with_name("rules_elastalert.py")
    done = subprocess.run(
        [str(python), str(script), kind, str(EVENTS), str(windows)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[0])


def events() -> Sequence[Observation]:
    """A year of them, one after the other, in the towns of the gazetteer."""
    rng = random.Random(3)
    geo, _ = ground()
    towns = [place for place in geo.gazetteer.places if place.precision in {"point", "town"}][:120]
    step = timedelta(days=365) / EVENTS
    return [
        Observation(
            "convoy_attack", START + n * step, START + n * step, source="bench", origins=(f"o{n * 7919 % 50}",),
            place=town.name, lat=town.lat, lon=town.lon, precision=town.precision, grade="B2", key=str(n),
        )
        for n in range(EVENTS)
        for town in [towns[rng.randrange(len(towns))]]
    ]  # fmt: skip


def ours(kind: str, windows: int, rows: Sequence[Observation], *, joined: bool = False) -> float:
    """Every hour of the year: from loading the reports on, or over what is loaded and `joined` already."""
    geo, registry = ground()
    body = {"title": WORDS, "family": "supply", "measure": MEASURES[kind], "rises_to": {"alert": RISES[kind]}}
    rules = [
        LoadedRule(Rule.model_validate({"id": f"rule-{n}", **body}), "bench.yaml", n + 1, "", "")
        for n in range(windows)
    ]
    ticks = [START + timedelta(hours=h) for h in range(365 * 24)]
    gc.collect()
    began = time.perf_counter()
    engine = Engine(rules, registry, geo)
    engine.load(rows, (), [Coverage("bench", (), START, START + timedelta(days=400))])
    if joined:
        assert len(engine.history.frame("convoy_attack").incidents)
        gc.collect()
        began = time.perf_counter()
    engine.advance((), ticks)
    return time.perf_counter() - began


if __name__ == "__main__":
    found = peer(Path(sys.argv[1]))
    for name in MEASURES if isinstance(found, Path) else ():
        for many in (1, WINDOWS):
            print(name, many, theirs(found, name, many), ours(name, many, events()))  # type: ignore[arg-type]  # a Path here
    print(found)
