"""Mail by a relay (SMTP)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from warn.channel import Parcel, Receipt


@dataclass(frozen=True, slots=True)
class EmailConfig:
    """The relay, and what the headers of every message say. `web_address` is where `/u/<token>` answers."""

    host: str
    sender: str
    web_address: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = ""
    list_name: str = "warn"
    connections: int = 4
    timeout_s: float = 60.0


class EmailChannel:
    """Pre-rendered bytes, one recipient per message, over a pool of `connections` kept connections."""

    id = "email"

    def __init__(self, config: EmailConfig) -> None: ...
    async def open(self) -> None: ...
    async def send(self, parcel: Parcel) -> Receipt: ...
    async def check(self) -> str: ...
    async def close(self) -> None: ...
