"""Between words and bytes: which form a recipient's channel takes, and the text packed into it."""

from __future__ import annotations

from datetime import datetime

from warn.digest.compose import telegram_body
from warn.digest.mail import mail_bytes
from warn.digest.variants import Variant
from warn.model import ChannelId, Message, Recipient
from warn.pipeline.work import Voice


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
    )


def pack(message: Message, form: ChannelId, voice: Voice, at: datetime) -> bytes:
    if form == "telegram":
        return telegram_body(message)
    return mail_bytes(message, voice.sender, at, voice.list_id, reply_to=voice.reply_to)
