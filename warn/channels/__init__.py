"""The channels there are. A new one is a module beside this, a line below, and a field in `settings`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from warn.channel import Channel
from warn.channels.email import EmailChannel
from warn.channels.file import FileChannel
from warn.channels.webhook import WebhookChannel


def _telegram(config: Any) -> Channel:
    """Loaded when first built: its library takes 17 MB, which a service without a token need not pay."""
    built: Channel = importlib.import_module("warn.channels.telegram").TelegramChannel(config)
    return built


CHANNELS: Mapping[str, Callable[[Any], Channel]] = MappingProxyType(
    {"email": EmailChannel, "file": FileChannel, "telegram": _telegram, "webhook": WebhookChannel}
)
"""Each takes its own config value: EmailConfig, FileConfig, TelegramConfig, WebhookConfig."""
