"""The message of a scenario, composed as the service would compose it for the reader the scenario names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warn.app import build
from warn.digest.facts import AlertFacts, Facts
from warn.digest.text import visible
from warn.digest.variants import Variant
from warn.model import AlertState, ChannelId, Transition
from warn.pipeline.composed import composed
from warn.pipeline.knowledge import Knowledge
from warn.settings import Settings
from warn.study.scenarios import Render


def scenario_voice(settings: Settings, known: Knowledge) -> Render:
    """Templates are read once, and only when the first scenario asks for a message."""
    voices: list[Any] = []

    def render(moved: Transition, state: AlertState, reader: Mapping[str, Any]) -> str:
        if not voices:
            voices.append(build.voice(settings, pictures=False))
        return said(voices[0].templates, voices[0].base, known, moved, state, reader)

    return render


def said(
    env: Any, base: str, known: Knowledge, moved: Transition, state: AlertState, reader: Mapping[str, Any]
) -> str:
    """Everything that reader would see, subject and text."""
    alert = AlertFacts(
        state=state,
        text=known.texts[moved.rule],
        number=1,
        evidence=moved.evidence,
        history=(moved,),
        keys={name: {"fr": value, "en": value} for name, value in moved.by},
    )
    facts = Facts(
        now=moved.at,
        base=base,
        geography=known.geography,
        indicators=known.indicators,
        alerts=(alert,),
        rules=known.texts,
    )
    form: ChannelId = "email" if reader.get("channel") == "email" else "telegram"
    variant = Variant(form, str(reader.get("lang", "fr")), reader.get("kind", "resident"))
    message = composed(env, facts, moved.kind, alert, variant, edits=moved.kind == "updated")
    return "\n".join((message.subject, message.text, *(visible(part) for part in message.parts)))
