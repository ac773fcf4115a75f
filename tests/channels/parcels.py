"""Parcels as the dispatcher hands them over."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from warn.channel import Parcel
from warn.links import reader_token
from warn.model import Placeholder

AT = datetime(2025, 9, 15, 6, 0, tzinfo=UTC)
TOKEN = reader_token(["key"], "s1")
MAIL = (
    "From: Alertes Bamako <alertes@example.org>\r\nSubject: =?utf-8?q?=5BAlerte_3/4=5D_Bamako?=\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Pénurie de carburant : 775 FCFA.\r\n.commence par un point\r\n"
    f"Vos réglages : https://alertes.example.org/r/{Placeholder}\r\n"
).encode()


def mail(**changes: Any) -> Parcel:
    whole: dict[str, Any] = {
        "id": 1,
        "key": "episode-12|raised|s1|email",
        "form": "email",
        "subject": "[Alerte 3/4] Bamako",
        "body": MAIL,
        "address": "lecteur@example.net",
        "token": TOKEN,
        "priority": 1,
        "created_at": AT,
    }
    return Parcel(**(whole | changes))


def chat(*parts: str, buttons: Any = (), silent: bool = False, **changes: Any) -> Parcel:
    body = {"parts": parts or ("ALERTE 3/4",), "buttons": buttons, "silent": silent, "edits": False}
    whole = {"form": "telegram", "address": "1001", "key": "episode-12|raised|s1|telegram"}
    return mail(**(whole | {"body": json.dumps(body).encode()} | changes))
