"""The shipped folder of rules as the loader takes it; built once, for it is frozen."""

from functools import lru_cache
from pathlib import Path

from warn.documents import Fault
from warn.geo import FILES, Geography, geography
from warn.indicators import Indicators, indicators
from warn.rules.load import load
from warn.rules.schema import RuleSet
from warn.rules.wording import Wording
from warn.rules.wording import load as load_wording

RULES = Path(__file__).parents[2] / "rules"
BROKEN = Path(__file__).parent / "broken"


def text(name: str) -> str:
    return (RULES / name).read_text(encoding="utf-8")


@lru_cache(1)
def registry() -> Indicators:
    return indicators(text("indicators.yaml"))


@lru_cache(1)
def places() -> Geography:
    return geography({name: text(name) for name in FILES if (RULES / name).exists()})


@lru_cache(1)
def voice() -> Wording:
    wording, faults = load_wording(text("wording.yaml"))
    assert wording is not None, faults
    return wording


def shipped() -> dict[str, str]:
    return {f"rules/{path.name}": path.read_text(encoding="utf-8") for path in sorted(RULES.glob("*.yaml"))}


def loaded(files: dict[str, str], **more: object) -> tuple[RuleSet | None, tuple[Fault, ...]]:
    return load(files, indicators=registry(), places=places(), wording=voice(), **more)  # type: ignore[arg-type]
