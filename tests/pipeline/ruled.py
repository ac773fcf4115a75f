"""The city with one of its rules written otherwise, and what its administrators do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from warn import desk
from warn.app import build
from warn.model import Coverage, Observation
from warn.pipeline.asking import ask_all
from warn.pipeline.knowledge import Knowledge
from warn.rules.rule import Rule
from warn.store import alerts, observations, polls

from tests.pipeline.city import NOON, SHORTAGE, City

CHAT, ADMIN = "1001", "77"
RULE = "fuel-shortage"
COUNTED = {"count": "fuel_shortage_report", "over": "14d"}
HOUR = timedelta(hours=1)


def altered(known: Knowledge, edit: str, **keys: Any) -> Knowledge:
    """The rules with other keys in that of shortages, as if it had been written so; without it where there are none."""
    rules = []
    for one in known.rules.rules:
        if one.id != RULE:
            rules.append(one)
        elif keys:
            body = one.rule.model_dump(mode="python", by_alias=True, exclude_unset=True) | keys
            rules.append(replace(one, rule=Rule.model_validate(body), digest=edit, judges=edit))
    made = replace(known.rules, rules=tuple(rules), by_id={one.id: one for one in rules})
    files = {**known.files, "supply.yaml": f"{known.files['supply.yaml']}# {edit}\n"}
    return replace(known, rules=made, texts=made.texts(), files=files)


def ruled(bamako: City, **keys: Any) -> None:
    """From the start, and no edit."""
    bamako.work.knowledge = altered(bamako.work.knowledge, "other", **keys)
    bamako.work.engine = build.engine(bamako.work.knowledge, bamako.work.sources)


async def shortage(bamako: City) -> None:
    """One report, while all that could have come is known."""
    watched = Coverage("file", (), NOON - timedelta(days=30), NOON + timedelta(days=30))
    with bamako.work.store.write() as tx:
        polls.add_coverage(tx, watched)
    bamako.publish(SHORTAGE)
    await bamako.hear()
    await bamako.send()


TOWNS = {"Gao": (16.27, -0.04), "Kidal": (18.44, 1.41)}


def another(bamako: City, town: str = "Gao") -> None:
    """One more report, of another town."""
    lat, lon = TOWNS[town]
    row = Observation(
        "fuel_shortage_report", bamako.clock.now, bamako.clock.now, source="file", key=town, place=town,
        lat=lat, lon=lon, precision="town",
    )  # fmt: skip
    with bamako.work.store.write() as tx:
        observations.ingest(tx, [row], bamako.clock.now)


def number(bamako: City) -> str:
    """The public number of the newest alert of that rule."""
    with bamako.work.store.read() as tx:
        return str(alerts.episodes(tx, rule=RULE)[-1].number)


def heads(bamako: City, chat: str = CHAT) -> list[str]:
    return [message["text"].splitlines()[0] for message in bamako.api.taken(chat=chat)]


async def at_hours(bamako: City, *hours: int) -> None:
    for n in hours:
        await bamako.at(NOON + n * HOUR)


def act(bamako: City, verb: str, *words: str) -> str:
    return desk.act(bamako.work.store, verb, desk.Request("test", words, bamako.clock.now))


async def asked(bamako: City) -> list[str]:
    with bamako.work.store.write() as tx:
        lines = ask_all(tx, bamako.work, bamako.clock.now)
    await bamako.send()
    return lines
