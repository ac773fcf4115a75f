"""What adapters make of recorded bodies, of a server that misbehaves in every way, and of bodies damaged at random.

Recorded bodies stand beside the project (../shared/payloads); where they are absent that part says so and is left out.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from tests.fakes.web import serving
from tests.shared import FOLDER
from tests.sources.knowing import PAYLOADS, RULES, context, mutated, texts
from tests.test_fetching import FAULTS
from warn.fetching import Fetcher, Limits, Manners, collect_one, read_body
from warn.fetching.client import Visit
from warn.model import OUTCOMES
from warn.source import Body, Context, Source, Validators
from warn.sources import configured, forms, kobo, odk

NOW: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
RECORDED: Final = FOLDER / "payloads"
BODIES: Final = 10_000
BOX_S: Final = 120.0  # for each parser
LARGEST: Final = 6_000  # bytes; damage to a small body reaches more of a parser
NO_NETWORK: Final = frozenset({"file"})
NO_BODIES: Final = frozenset({"bot"})
SECRET: Final = "bench:secret"

# folder -> (source, what its bodies are unless said otherwise, exceptions). Bodies of other countries hold nothing for
# this one, and so do tokens, lists of markets and definitions of forms.
EXPECTED: Final[Mapping[str, tuple[str, str, Mapping[str, str]]]] = {
    "acled": ("acled", "ok", {"embargo_shape.json": "embargoed", "token_shape.json": "no_data"}),
    "brent": ("brent", "ok", {}),
    "cadre_harmonise": ("cadre_harmonise", "ok", {}),
    "cloudflare_radar": ("cloudflare_radar", "no_data", {"error_no_token.json": "blocked"}),
    "eia": ("brent", "ok", {}),
    "fcdo": ("fcdo", "ok", {"foreign-travel-advice_sample.atom": "error"}),
    "firms": ("firms", "ok", {"bad_key.txt": "blocked", "area_viirs_snpp_nrt.csv": "no_data"}),
    "gdelt": ("gdelt", "no_data", {"doc_artlist_shape.json": "ok", "doc_rate_limited.txt": "blocked"}),
    "hdx_ckan": ("wfp_prices", "no_data", {}),
    "hdx_hapi": ("hapi", "no_data", {"idps_json_shape.json": "ok"}),
    "hdx_wfp_csv": ("wfp_prices", "no_data", {}),
    "idmc": ("idmc", "no_data", {}),
    "ioda": ("ioda", "ok", {"outages_events.json": "no_data", "error_400.json": "error"}),
    "iom_dtm": ("dtm", "no_data", {}),
    "kobo": ("kobo", "no_data", {}),
    "odk": ("odk", "no_data", {}),
    "reliefweb": ("reliefweb", "no_data", {"error_403_appname.json": "blocked", "error_410_v1.json": "error"}),
    "ucdp": ("ucdp", "ok", {"api_error_400_unreleased.txt": "not_released", "api_error_401.txt": "blocked"}),
    "us_state": ("us_state", "ok", {}),
    "wfp_databridges": ("databridges", "no_data", {"Currency_List_2024.json": "error"}),
    "worldbank_rtp": ("worldbank_rtp", "no_data", {"rtfp_empty_table.json": "error"}),
}  # fmt: skip
# Where a fault of the wire has a meaning of its own for a provider.
MEANT: Final[Mapping[tuple[str, str], str]] = {
    ("acled", "400"): "blocked",  # by which the token's address refuses an account
    ("ucdp", "400"): "not_released",  # a month that is not out yet
    ("ucdp", "404"): "not_released",
}


def main() -> int:
    """Prints target and result of each part; 1 where one falls short."""
    logging.disable(logging.CRITICAL)
    found = every_source()
    print(f"{'sources':44} {'target':>12} {'result':>16}")
    verdicts = [recorded(found), asyncio.run(faulty(found)), fuzzed(found)]
    return 0 if all(verdicts) else 1


def every_source() -> Mapping[str, Source]:
    """As the shipped rules folder configures them; the field form as if it were deployed."""
    (form,) = forms.load({"forms/supply.yaml": (RULES / "forms" / "supply.yaml").read_text("utf-8")})
    asked = [form.model_copy(update={"kobo": "aUid", "odk": forms.listing.OdkForm(project=1, form="supply")})]
    return {**configured(texts()), "kobo": kobo.configured(asked), "odk": odk.configured(asked)}


def known(now: datetime = NOW) -> Context:
    return replace(context(now), mapping={"reporter_keys": (SECRET * 4,)})


def recorded(found: Mapping[str, Source]) -> bool:
    if not RECORDED.exists():
        print(f"{'recorded bodies':44} {'':>12} {'skipped':>16}   ../shared/payloads is absent")
        return True
    right, wrong = 0, []
    for folder, name, content in _recorded():
        source_id, usual, special = EXPECTED[folder]
        told = read_body(found[source_id], Body(content), known())
        expected = special.get(name, usual)
        if told.outcome == expected and bool(told.observations) == (expected == "ok"):
            right += 1
        else:
            wrong.append(f"{folder}/{name}: {told.outcome} instead of {expected} ({told.message[:80]})")
    print(f"{'recorded bodies in their outcome':44} {'all':>12} {f'{right} of {right + len(wrong)}':>16}")
    _list(wrong)
    return not wrong


def _recorded() -> Iterator[tuple[str, str, bytes]]:
    for folder in sorted(EXPECTED):
        if (RECORDED / folder).is_dir():
            for path in sorted((RECORDED / folder).iterdir()):
                if path.name != "SOURCE.txt":
                    yield folder, path.name, path.read_bytes()


class _Astray(Visit):
    """Every address leads to the server that misbehaves."""

    target = ""

    async def get(self, url: str, **asked: Any) -> Body:
        del url
        return await super().get(self.target, **asked)


class _Misled(Fetcher):
    target = ""

    def visit(self, validators: Mapping[str, Validators] | None = None) -> Visit:
        made = _Astray(self, validators or {})
        made.target = self.target
        return made


async def faulty(found: Mapping[str, Source]) -> bool:
    """Each adapter's own fetch and parse through the real HTTP layer, against every kind of fault."""
    manners = Manners(
        pace_s=0, connect_s=1, read_s=0.4, total_s=1, attempts=1, patience_s=2, allow_private=True,
        limits=Limits(wire=200_000, decoded=1_000_000),
    )  # fmt: skip
    asked = [source for name, source in sorted(found.items()) if not source.pushed and name not in NO_NETWORK]
    right, wrong = 0, []
    async with serving() as web:
        for name, (answer, expected, _) in FAULTS.items():
            fetcher = _Misled(manners)
            fetcher.target = web.on("/fault", answer)
            outcomes = await asyncio.gather(*(_outcome(source, fetcher) for source in asked))
            await fetcher.close()
            for source, (outcome, message) in zip(asked, outcomes, strict=True):
                if outcome == MEANT.get((source.id, name), expected):
                    right += 1
                else:
                    wrong.append(f"{source.id}, {name}: {outcome} instead of {expected} ({message[:80]})")
    total = right + len(wrong)
    print(
        f"{f'{len(FAULTS)} kinds of fault, {len(asked)} adapters':44} {'all':>12} {f'{right} of {total}':>16}"
    )
    _list(wrong)
    return not wrong


async def _outcome(source: Source, fetcher: Fetcher) -> tuple[str, str]:
    options: dict[str, Any] = dict.fromkeys((*source.needs, *source.uses), SECRET)
    options |= {
        "area": known().area,
        "reporter_keys": (SECRET * 4,),
        "odk_url": "https://odk.invalid",
        "now": NOW,
    }
    try:
        poll = (await collect_one(source, fetcher, known(), options)).poll
    except Exception as error:  # noqa: BLE001  # the measure is that there is none
        return "a traceback", repr(error)
    return poll.outcome, poll.message


def fuzzed(found: Mapping[str, Source]) -> bool:
    """Damaged bodies for every parser; one that cannot take them all in its time says how many it took."""
    wrong: list[str] = []
    taken: dict[str, int] = {}
    for source_id in sorted(found.keys() - NO_BODIES):
        seeds = _seeds(source_id)
        if not seeds:
            wrong.append(f"{source_id}: no body to damage")
            continue
        taken[source_id], faults = _damage(found[source_id], seeds)
        wrong += faults
    least = min(taken.values(), default=0)
    each = f"{least:,} to {max(taken.values()):,}" if least < max(taken.values()) else f"{least:,}"
    print(f"{f'damaged bodies for each of {len(taken)} parsers':44} {f'{BODIES:,}':>12} {each:>16}")
    slow = [f"{name}: {count:,} in {BOX_S:g} s" for name, count in taken.items() if count < BODIES]
    _list([*wrong, *slow])
    return not wrong and least >= BODIES


def _seeds(source_id: str) -> list[bytes]:
    folder = PAYLOADS / source_id
    paths = (
        [path for path in sorted(folder.iterdir()) if path.name != "SOURCE.txt"] if folder.is_dir() else []
    )
    bodies = [path.read_bytes() for path in paths if path.stat().st_size <= LARGEST]
    if source_id == "file":
        bodies.append((RULES / "history" / "2025-blockade.csv").read_bytes()[:2_000])
    return bodies


def _damage(source: Source, seeds: list[bytes]) -> tuple[int, list[str]]:
    began, count, faults = time.monotonic(), 0, Counter[str]()
    here = known()
    while count < BODIES and time.monotonic() - began < BOX_S:
        for content in mutated(seeds[count // 50 % len(seeds)], 50, count):
            try:
                outcome = source.parse(content, here).outcome
            except Exception as error:  # noqa: BLE001  # the measure is that there is none
                faults[f"{source.id}: {error!r}"[:160]] += 1
            else:
                if outcome not in OUTCOMES:
                    faults[f"{source.id}: outcome {outcome}"] += 1
            count += 1
    return count, [f"{said} ({times}x)" for said, times in faults.items()]


def _list(wrong: list[str]) -> None:
    for line in wrong[:40]:
        print(f"    {line}")
    if len(wrong) > 40:
        print(f"    ... and {len(wrong) - 40} more")


if __name__ == "__main__":
    sys.exit(main())
