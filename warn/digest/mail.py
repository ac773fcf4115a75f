"""A composed mail as RFC 5322 bytes, the same for every reader of its variant."""

from __future__ import annotations

from datetime import datetime

from warn.model import Message


def mail_bytes(message: Message, sender: str, at: datetime, list_id: str, *, reply_to: str = "") -> bytes:
    """Bytes without To, Message-ID, List-Unsubscribe and Return-Path, which the channel adds per reader.

    `sender` is a header value ("Alertes Bamako <alertes@example.org>"). The model's Placeholder stands
    wherever the reader's own token goes, never folded or encoded. Equal messages give equal bytes.
    """
    raise NotImplementedError
