"""How fast rules are judged, checked and reloaded: beside promtool and ElastAlert2 in one run.

ElastAlert2 is installed from PyPI into `.bench/` (kept between runs); promtool comes with Debian's `prometheus`.
Where one cannot be had it is skipped, with the reason. BENCH_ROUNDS=3 repeats what takes long (default 1).
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from warn.app.knowing import knowledge_of
from warn.model import Observation
from warn.rules.evaluate import Engine
from warn.rules.rule import Rule
from warn.rules.ruleset import LoadedRule

from bench import rules_promtool as prom
from bench import rules_scaling as scaling
from bench import rules_windows as windows
from bench.rules_world import EVERYTHING, ROOT, START, WORDS, YEARS, files, ground, mixed, observations

RULES: Final = 1_000
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "1"))
QUICK: Final = 5
FIT_ROWS: Final = (10_000, 100_000, 1_000_000)
FIT_RULES: Final = (100, 1_000, 10_000)
SLACK: Final = 0.1  # how much steeper than n log n a fit may be and still count as noise


@dataclass(slots=True)
class Report:
    """What was printed, and how much of it fell short."""

    short: list[str] = field(default_factory=list)

    def line(self, what: str, target: str, result: str, ok: bool | None = None) -> None:
        verdict = "" if ok is None else "ok" if ok else "SHORT"
        print(f"{what:62} {target:>12} {result:>16}  {verdict}", flush=True)
        if ok is False:
            self.short.append(what)

    def most(self, what: str, most: float, result: float, unit: str) -> None:
        self.line(what, f"<= {most:g} {unit}", f"{result:.3g} {unit}", result <= most)

    def ratio(self, what: str, least: float, result: float) -> None:
        self.line(what, f">= {least:g}x", f"{result:.3g}x", result >= least)


def main() -> int:
    report = Report()
    report.line("measure", "target", "result")
    for part in (_promtool, _history, _live, _check, _reload, _elastalert, _fits):
        part(report)
    if report.short:
        print(f"\n{len(report.short)} fell short: " + "; ".join(report.short))
    return 1 if report.short else 0


def _promtool(report: Report) -> None:
    evaluations = RULES * prom.HOURS
    with tempfile.TemporaryDirectory() as folder:
        asked, values = prom.asked(RULES), prom.series()
        ours, theirs, said = [prom.alone(RULES) for _ in range(2)], [], ""
        if shutil.which("promtool") is None:
            report.line("promtool", "", "skipped", None)
            print("  promtool is not installed: apt-get install prometheus")
        else:
            test = prom.written(Path(folder), asked, values)
            for _ in range(ROUNDS):
                took, said = prom.promtool(test)
                theirs.append(took)
                ours += [prom.alone(RULES) for _ in range(2)]
    took, memory = median(o[0] for o in ours), max(o[1] for o in ours)
    report.line(f"{RULES} rules, 30 days hourly: evaluations a second", "", f"{evaluations / took:,.0f}")
    report.most("  memory", 250, memory, "MB")
    if theirs:
        report.line("  promtool test rules", "", f"{evaluations / median(theirs):,.0f}")
        report.ratio("  ours to promtool's", 50, median(theirs) / took)
        checks = RULES * len(prom.CHECKS)
        agree = f"{checks} of {checks}" if not said else "differ"
        report.line("  our firing set is what promtool expects", "all", agree, not said)
        print(said[:2000], end="")


def _history(report: Report) -> None:
    runs = [scaling.alone(100_000, 0) for _ in range(3)]
    report.most("shipped rules, two years hourly, 100,000 observations", 2, median(r[0] for r in runs), "s")


def _live(report: Report) -> None:
    geo, registry = ground()
    rows, end = observations(100_000), START + YEARS
    engine = Engine(mixed(RULES), registry, geo)
    engine.load(rows, (), EVERYTHING)
    outcome = engine.advance((), [end])
    names = sorted({row.indicator for row in rows})
    took = []
    gc.collect()
    for n in range(4 * QUICK):
        now = end + timedelta(minutes=5 * (n + 1))
        new = replace(
            rows[-1], key=f"new-{n}", indicator=names[n % len(names)], occurred_at=now, known_at=now
        )
        began = time.perf_counter()
        engine.update([new])
        outcome = engine.advance(outcome.states, [now])
        took.append(1000 * (time.perf_counter() - began))
    report.most(f"live: {RULES} rules, 100,000 observations, one more (median)", 50, median(took), "ms")
    report.line("  the slowest of them", "", f"{max(took):.0f} ms")


def _check(report: Report) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "rules"
        shutil.copytree(ROOT / "rules", folder)
        (folder / "many.yaml").write_text(_many(RULES), encoding="utf-8")
        took = [_seconds(lambda: _checked(folder)) for _ in range(QUICK)]
    report.most(f"warn rules check of {RULES} rules, from the command to its answer", 2, median(took), "s")


def _many(count: int) -> str:
    """As many rules as asked for, written as an analyst would."""
    advice = "{residents: '-', ngo: '-', press: '-'}"
    reviewed = "reviewed_by: bench, reviewed_on: 2025-01-01"
    rules = [
        f"""
  - id: many-{n}
    title: {{fr: "Essai {n}", en: "Trial {n}"}}
    family: supply
    measure: {{count: convoy_attack, near: roads, over: {7 + n % 20}d}}
    rises_to: {{tension: {1 + n % 5}, alert: {6 + n % 5}}}
    mode: shadow
    message: {{fr: "{{{{ value }}}} attaques", en: "{{{{ value }}}} attacks"}}
    expect: {{fr: "livraisons retardées", en: "late deliveries"}}
    advice: {{fr: {advice}, en: {advice}, {reviewed}}}
"""
        for n in range(count)
    ]
    return "rules:" + "".join(rules)


def _checked(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "warn", "rules", "check"],
        env={**os.environ, "WARN_RULES": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in {0, 1} or "Traceback" in done.stderr:
        raise SystemExit(done.stderr)


def _reload(report: Report) -> None:
    """One threshold of one rule is edited, where ten thousand alerts are open."""
    for many, what in ((10, "of ten rules, one of them edited"), (1, "all of the rule that was edited")):
        opened, took = _edited(many, [3 + n for n in range(QUICK)])
        report.most(f"reload with {opened:,} open alerts {what}", 1, median(took), "s")
    _, took = _edited(1, [1] * QUICK)
    report.line("  where the edit raises every one of them, evidence included", "", f"{median(took):.2f} s")


def _edited(many: int, thresholds: Sequence[int]) -> tuple[int, list[float]]:
    """Open alerts; how long each edit takes until the files are read and the first tick is judged."""
    geo, registry = ground()
    rules = [_by_product(n, 2) for n in range(many)]
    rows = [
        Observation(
            "abduction", START, START, attributes={"product": f"p{n}"}, place=f"q{n}", source="b", key=str(n)
        )
        for n in range(10_000 // many)
    ]
    engine = Engine(rules, registry, geo)
    engine.load(rows, (), EVERYTHING)
    outcome = engine.advance((), [START])
    now = START + timedelta(minutes=5)
    took = [
        _seconds(partial(_reloaded, engine, [_by_product(0, crisis), *rules[1:]], outcome, now))
        for crisis in thresholds
    ]
    return sum(state.is_open for state in outcome.states), took


def _by_product(n: int, crisis: int) -> LoadedRule:
    body = {
        "id": f"rule-{n}", "title": WORDS, "family": "attack", "by": ["product"],
        "measure": {"count": "abduction", "over": "28d"}, "rises_to": {"alert": 1, "crisis": crisis},
    }  # fmt: skip
    return LoadedRule(Rule.model_validate(body), "bench.yaml", n + 1, "", str(crisis))


def _reloaded(engine: Engine, edited: Sequence[LoadedRule], outcome: object, now: object) -> None:
    known = knowledge_of(dict(files()))
    made = engine.replaced(edited, known.indicators, known.geography)
    made.advance(outcome.states, [now])  # type: ignore[attr-defined,list-item]  # an Outcome and a moment


def _elastalert(report: Report) -> None:
    python = windows.peer(ROOT / ".bench")
    if not isinstance(python, Path):
        report.line("ElastAlert2", "", "skipped")
        print(f"  {python}")
        return
    rows = windows.events()
    windows.ours("cardinality", 1, rows)
    for kind in windows.MEASURES:
        for many, rounds in ((1, 5), (windows.WINDOWS, ROUNDS)):
            theirs, ours, whole = [], [], []
            for _ in range(rounds):
                theirs.append(windows.theirs(python, kind, many))
                ours.append(windows.ours(kind, many, rows, joined=True))
                whole.append(windows.ours(kind, many, rows))
            peer = median(theirs)
            what = f"{kind}, {many} window{'s' if many > 1 else ''}, {windows.EVENTS:,} events in memory"
            report.ratio(what, 10, peer / median(ours))
            count = many * windows.EVENTS
            print(f"  {count / median(ours):,.0f} to {count / peer:,.0f} events a second")
            report.line("  from the reports on, joined to events first", "", f"{peer / median(whole):.3g}x")


def _fits(report: Report) -> None:
    for what, sizes, asked in (
        ("observations, 100 rules", FIT_ROWS, [(n, 100) for n in FIT_ROWS]),
        ("rules, 100,000 observations", FIT_RULES, [(100_000, n) for n in FIT_RULES]),
    ):
        found = [scaling.alone(*sized) for sized in asked]
        exponent, allowed = scaling.growth(sizes, [took for took, _ in found])
        said = ", ".join(f"{size:,}: {took:.2f} s" for size, (took, _) in zip(sizes, found, strict=True))
        print(f"two years hourly by number of {what}: {said}")
        target, result = f"<= n^{allowed:.2f}", f"n^{exponent:.2f}"
        report.line("  fit, n log n being the target", target, result, exponent <= allowed + SLACK)


def _seconds(work: Callable[[], None]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
