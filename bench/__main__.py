"""`python -m bench [AREA]`: measures beside the peers, prints target and result, exits 1 where something falls short.

Each area is a module with `main() -> int`. What it printed goes into bench/RESULTS.md, under the area's name.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from pathlib import Path

AREAS = {
    "delivery": ("bench.delivery",),
    "reading": ("bench.reading",),
    "rules": ("bench.rules",),
    "sources": ("bench.sources", "bench.ingest"),
    "operations": ("bench.service", "bench.replay"),
}
RESULTS = Path(__file__).with_name("RESULTS.md")


class Tee(io.StringIO):
    """Prints at once and remembers."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]  # a bench runs with a standard output
        return super().write(text)


def run(area: str) -> int:
    said = Tee()
    with contextlib.redirect_stdout(said):
        codes = [int(importlib.import_module(name).main()) for name in AREAS[area]]
    keep(area, said.getvalue())
    return max(codes)


def keep(area: str, text: str) -> None:
    """Replaces the area's part of RESULTS.md, leaving the others as they were measured."""
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Measured\n"
    parts = before.split("\n## ")
    rest = [part for part in parts[1:] if not part.startswith(f"{area}\n")]
    rest.append(f"{area}\n\nWritten by `make bench-{area}`.\n\n```text\n{text.strip()}\n```\n")
    RESULTS.write_text("\n## ".join([parts[0].rstrip() + "\n", *sorted(rest)]), encoding="utf-8")


def main(wanted: list[str]) -> int:
    unknown = [area for area in wanted if area not in AREAS]
    if unknown:
        print(f"There is no bench '{unknown[0]}'. There are: {', '.join(AREAS)}.")
        return 2
    return max(run(area) for area in wanted or AREAS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
