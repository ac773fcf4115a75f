"""How fast the bot may speak: a rate limiter for python-telegram-bot that spaces sends instead of bursting."""

from __future__ import annotations

from telegram.ext import BaseRateLimiter


class Pacer(BaseRateLimiter[int]):
    """One per bot token, shared by the channel (bulk) and the bot (`replies()`)."""
