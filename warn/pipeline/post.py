"""Between words and bytes: which form a recipient's channel takes, and the text packed into it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from warn.digest.compose import telegram_body
from warn.digest.facts import AlertFacts
from warn.digest.mail import mail_bytes
from warn.digest.text import plain
from warn.digest.variants import Variant
from warn.model import ChannelId, Message, Recipient
from warn.pipeline.work import Voice

GROUP = "group-"


def form_of(recipient: Recipient) -> ChannelId:
    """'email' or 'telegram'. A recipient of files says by the first word of its id which of the two it reads."""
    if recipient.channel != "file":
        return recipient.channel
    return "telegram" if recipient.id.startswith("telegram-") else "email"


def variant_of(recipient: Recipient) -> Variant:
    """Everything about this reader that changes the bytes of an alert."""
    who = recipient.preferences
    return Variant(
        channel=form_of(recipient),
        lang=who.lang,
        kind=who.kind,
        text_only=who.text_only,
        least_level=who.least_level,
        families=who.families,
        corridors=who.corridors,
        places=who.places,
        embassy_notices=who.embassy_notices,
        group=shared(recipient),
    )


def shared(recipient: Recipient) -> bool:
    """A group, one of its topics or a channel, where nobody mutes or stops for all the others."""
    return is_shared(recipient.id)


def is_shared(reader: str) -> bool:
    return reader.startswith(GROUP)


def shared_id() -> str:
    """Of a new subscription where several people read: messages are made without the address, so the id says it."""
    return f"{GROUP}{secrets.token_hex(8)}"


def pack(
    message: Message, form: ChannelId, voice: Voice, at: datetime, alerts: Sequence[AlertFacts] = ()
) -> bytes:
    if form == "telegram":
        return telegram_body(message)
    if form == "webhook":
        return json_body(message, at, alerts)
    return mail_bytes(message, voice.sender, at, voice.list_id, reply_to=voice.reply_to)


def json_body(message: Message, at: datetime, alerts: Sequence[AlertFacts]) -> bytes:
    """What a subscribed program is sent: the text a person would read, and of each alert what a program needs."""
    said = {
        "version": 1,
        "kind": message.kind,
        "at": _moment(at),
        "lang": message.lang,
        "exercise": message.exercise,
        "headline": message.subject,
        "text": message.text,
        "alerts": [_alert(one, message.lang) for one in alerts],
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def _alert(one: AlertFacts, lang: str) -> dict[str, Any]:
    """One episode as it stands; `level` 0 once it is over."""
    state, evidence = one.state, one.evidence
    newest = one.history[-1] if one.history else None
    level = int(state.level) if state.is_open else 0
    return {
        "number": one.number,
        "revision": one.revision,
        "rule": state.rule,
        "by": {name: plain(value) for name, value in state.by},
        "family": one.text.family,
        "title": one.text.title.get(lang) or one.text.title.get("fr", ""),
        "status": state.status,
        "level": level,
        "transition": newest.kind if newest else None,
        "certainty": one.text.certainty,
        "opened_at": _moment(state.opened_at),
        "since": _moment(state.since),
        "valid_until": _moment(newest.at + timedelta(seconds=one.text.valid_for_s)) if newest else None,
        "value": evidence.value if evidence else None,
        "threshold": evidence.threshold if evidence else None,
        "unit": evidence.unit if evidence else "",
        "grade": evidence.grade if evidence else "",
        "place": plain(evidence.place) if evidence else "",
    }


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
