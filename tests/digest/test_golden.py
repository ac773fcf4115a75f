"""What people read, whole, per kind, language and channel. `WARN_GOLDEN=write` writes the files anew: read the diff."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from warn.digest import compose
from warn.digest.facts import AlertFacts, Facts
from warn.digest.variants import Variant
from warn.model import Level, Message

from tests.digest import world

GOLDEN = Path(__file__).parents[1] / "golden"
Kind = Callable[[Environment, str, str], Message]


def _lost(fate: Any) -> tuple[Facts, AlertFacts]:
    known = world.september()
    moment = world.at("2025-09-25T06:00")
    lost = world.at("2025-09-20")
    blind = replace(
        world.SEPTEMBER,
        state=replace(world.SEPTEMBER.state, status=fate, blind_since=lost),
        history=(*world.SEPTEMBER.history, world.move("convoy-attacks", "2025-09-20", fate, 3, 3, world.TWO)),
    )
    return replace(known, now=moment, alerts=(blind, world.OCTOBER[2])), blind


def _closed() -> tuple[Facts, AlertFacts]:
    closed = replace(
        world.OCTOBER[0],
        state=replace(
            world.OCTOBER[0].state, status="closed", level=Level.CALM, peak=Level.ALERT,
            changed_at=world.at("2025-11-29T06:00"),
        ),
        evidence=world.evidence(0, 1, thresholds={"alert": 1}, days=3),
        history=(
            *world.OCTOBER[0].history,
            world.move("fuel-shortage", "2025-11-29T06:00", "closed", 0, 3, world.evidence(0, 1)),
        ),
    )  # fmt: skip
    return world.facts("2025-11-29T06:00", alerts=(closed, world.OCTOBER[1])), closed


def _fallen() -> tuple[Facts, AlertFacts]:
    """A report was withdrawn: what stood at 3 should have stood at 2."""
    proof = world.evidence(1, 1, world.ATTACKS[1:2])
    fallen = replace(
        world.SEPTEMBER,
        state=replace(world.SEPTEMBER.state, level=Level.TENSION),
        revision=3,
        evidence=proof,
        history=(
            *world.SEPTEMBER.history,
            world.move("convoy-attacks", "2025-09-16T06:00", "corrected", 2, 3, proof),
        ),
    )
    return world.facts("2025-09-16T06:00", alerts=(fallen,)), fallen


def _digest(known: Facts, day: str) -> Kind:
    return lambda env, channel, lang: compose.compose_digest(env, known, world.daily(channel, lang, day))


def _notice(make: Callable[..., Message], known: Facts, *about: object) -> Kind:
    def kind(env: Environment, channel: str, lang: str) -> Message:
        return make(env, known, *about, _variant(channel, lang))

    return kind


def _variant(channel: str, lang: str) -> Variant:
    return world.variant(channel, lang)


def kinds() -> dict[str, Kind]:
    seen, lost = _lost("blind")
    ended, closed = _closed()
    after, fallen = _fallen()
    gone, lapsed = _lost("lapsed")
    told = world.september()
    dark = replace(world.unclear(), previous=replace(told.previous, level=Level.ALERT))  # type: ignore[type-var]
    return {
        "alert": _notice(compose.compose_alert, told, world.SEPTEMBER),
        "update": _notice(
            compose.compose_update, replace(told, now=world.at("2025-09-16T06:00")), world.SEPTEMBER
        ),
        "superseded": _notice(compose.compose_superseded, told, world.SEPTEMBER),
        "all-clear": _notice(compose.compose_all_clear, ended, closed),
        "correction-level": _notice(compose.compose_correction, after, fallen),
        "correction-text": lambda env, channel, lang: compose.compose_correction(
            env, told, world.SEPTEMBER, world.variant(channel, lang), world.CORRECTION
        ),
        "blind": _notice(compose.compose_blind, seen, (lost,)),
        "lapsed": _notice(compose.compose_blind, gone, (lapsed,)),
        "blind-service": _notice(compose.compose_blind, dark, ()),
        "sighted": _notice(compose.compose_sighted, seen, (lost,)),
        "exercise": _notice(compose.compose_alert, replace(told, exercise=True), world.SEPTEMBER),
        "digest": _digest(world.october(), "2025-10-08T06:00"),
        "digest-replay": _digest(world.october(exercise=True), "2025-10-08T06:00"),
        "digest-quiet": _digest(world.quiet(), "2025-08-12T06:00"),
        "digest-unclear": _digest(world.unclear(), "2025-08-12T06:00"),
        "digest-correction": _digest(world.october(corrections=(world.CORRECTION,)), "2025-10-08T06:00"),
    }


KINDS = kinds()
CASES = [
    (kind, channel, lang) for kind in KINDS for channel in ("telegram", "email") for lang in ("fr", "en")
]


@pytest.mark.parametrize(("kind", "channel", "lang"), CASES)
def test_what_people_read_is_what_was_agreed(kind: str, channel: str, lang: str, env: Environment) -> None:
    message = KINDS[kind](env, channel, lang)
    told = f"Subject: {message.subject}\n\n{message.text}" if channel == "email" else "\n".join(message.parts)
    path = GOLDEN / f"{kind}.{channel}.{lang}.txt"
    if os.environ.get("WARN_GOLDEN") == "write":
        path.write_text(told.rstrip("\n") + "\n", encoding="utf-8")
    assert told.rstrip("\n") + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_mail_as_browsers_show_it(lang: str, env: Environment) -> None:
    message = compose.compose_digest(env, world.october(), world.daily(lang=lang), b"png")
    path = GOLDEN / f"digest.email.{lang}.html"
    if os.environ.get("WARN_GOLDEN") == "write":
        path.write_text(message.html, encoding="utf-8")
    assert message.html == path.read_text(encoding="utf-8")
