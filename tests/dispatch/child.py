"""A dispatcher of chat messages in a process of its own, to be killed: `python -m tests.dispatch.child URL PORT`."""

import asyncio
import sys

from warn.store import open_store

from tests.dispatch.desk import Desk, chat_channel
from tests.fakes.bot_api import BotApi

if __name__ == "__main__":
    url, port = sys.argv[1:]
    desk = Desk(open_store(url), {"telegram": chat_channel(BotApi(port=int(port)), timeout_s=60.0)})
    asyncio.run(desk.dispatcher.once())
