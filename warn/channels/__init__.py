"""The channels there are. A new one is a module beside this, a line below, and a field in `settings`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from warn.channel import Channel
from warn.channels.email import EmailChannel
from warn.channels.file import FileChannel
from warn.channels.telegram import TelegramChannel

CHANNELS: Mapping[str, Callable[[Any], Channel]] = MappingProxyType(
    {"email": EmailChannel, "file": FileChannel, "telegram": TelegramChannel}
)
"""Each takes its own config value: EmailConfig, FileConfig, TelegramConfig."""
