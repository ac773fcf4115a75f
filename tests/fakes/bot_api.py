"""A Bot API server on loopback that refuses what Telegram refuses.

Faithful where a client can notice: bodies in all three encodings, methods in any case, long polls with offset and
409 for a second poller, lengths in UTF-16 units after entities, HTML entities, callback data, blocked, deleted and moved
chats, flood limits, answers that are late, broken or lost after the message was taken. Telegram's own flood algorithm
is undisclosed; `Limits` is a model of what is documented: 30 in any second over all, with a penalty, one a
second in a chat with a burst, 20 a minute in a group.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "123456789:AAfakeFAKEfakeFAKEfakeFAKEfake_-123"
LOST = "lost"  # the message is taken, the connection reset before the answer
_TAGS = re.compile(r"<(/?)([a-z-]+)(?:\s[^<>]*)?>")
_ALLOWED = {
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "code",
    "pre",
    "a",
    "blockquote",
    "tg-spoiler",
    "span",
}
_NOT_FOUND: tuple[int, str, dict[str, Any]] = (404, "Not Found", {})


class RefusedError(Exception):
    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        self.code, self.description, self.parameters = code, description, parameters


@dataclass(frozen=True)
class Limits:
    overall: int = 30
    penalty_s: float = 3.0
    chat_burst: int = 3
    chat_s: float = 1.0
    group_a_minute: int = 20


@dataclass
class Entry:
    """One call as it came; `answer` is the status told to the client (0: none)."""

    at: float
    method: str
    data: dict[str, Any]
    answer: int = 200
    body_hash: str = ""

    @property
    def chat(self) -> str:
        return str(self.data.get("chat_id", ""))


@dataclass
class BotApi:
    """What a test sees of the server."""

    port: int = 0
    token: str = TOKEN
    limits: Limits | None = None
    latency_s: float = 0.0
    journal: list[Entry] = field(default_factory=list)
    messages: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    admins: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    blocked: dict[str, str] = field(default_factory=dict)  # chat -> description of the 403
    refused: dict[str, str] = field(default_factory=dict)  # chat -> description of the 400
    missing: set[str] = field(default_factory=set)
    moved: dict[str, int] = field(default_factory=dict)
    threads_gone: set[int] = field(default_factory=set)
    undeletable: set[str] = field(default_factory=set)  # chats in which deleting is refused as a flood
    noisy: dict[str, float] = field(default_factory=dict)  # chat -> retry_after of each of its refusals
    script: deque[Any] = field(default_factory=deque)
    files: dict[str, bytes] = field(default_factory=dict)
    uploaded_bytes: int = 0
    updates: list[dict[str, Any]] = field(default_factory=list)
    commands: dict[str, Any] = field(default_factory=dict)
    incoming: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)  # until it is deleted
    _next_id: int = 100
    _next_update: int = 1
    _poller: asyncio.Event | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _times: deque[float] = field(default_factory=deque)
    _penalty_until: float = 0.0
    _by_chat: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    def fault(self, *faults: Any) -> None:
        """For the next sending calls: LOST, a number (seconds of silence), (status, raw body), or None (as usual)."""
        self.script.extend(faults)

    def calls(self, *methods: str) -> list[Entry]:
        return [entry for entry in self.journal if entry.method in {method.lower() for method in methods}]

    def taken(self, *, chat: int | str | None = None) -> list[dict[str, Any]]:
        """Messages the server accepted, in order."""
        return [text for (name, _), text in self.messages.items() if chat is None or name == str(chat)]

    def push(self, update: dict[str, Any]) -> None:
        """An update for the bot, numbered."""
        self.updates.append({"update_id": self._next_update, **update})
        self._next_update += 1
        self._news.set()

    def says(self, text: str, *, chat: int = 1001, user: int | None = None, lang: str = "fr", kind: str = "private",
             age_s: float = 0.0, thread: int | None = None, **other: Any) -> int:  # fmt: skip
        """Somebody writes to the bot; the number of the message. `other`: a location, a photo ... in place of text."""
        message: dict[str, Any] = {
            "message_id": self._take_id(),
            "date": int(time.time() - age_s),
            "chat": _chat(chat, kind),
            "from": _user(user if user is not None else chat, lang),
            **({"text": text} if text else {}),
            **other,
        }
        if thread is not None:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        if text.startswith("/"):
            message["entities"] = [
                {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
            ]
        self.push({"message": message})
        self.incoming[str(chat), message["message_id"]] = message
        return int(message["message_id"])

    def taps(self, data: str, message_id: int, *, chat: int = 1001, user: int | None = None, lang: str = "fr",
             kind: str = "private", age_s: float = 0.0) -> None:  # fmt: skip
        """Somebody taps a button under a message."""
        stored = self.messages.get((str(chat), message_id), {"text": "x"})
        message = {
            "message_id": message_id,
            "date": int(time.time() - age_s),
            "chat": _chat(chat, kind),
            "from": _user(123456789, "fr", bot=True),
            "text": stored.get("text", "x"),
        }
        person = _user(user if user is not None else chat, lang)
        self.push(
            {
                "callback_query": {
                    "id": str(self._take_id()),
                    "from": person,
                    "chat_instance": "1",
                    "data": data,
                    "message": message,
                }
            }
        )

    def member(self, status: str, *, chat: int = 1001, kind: str = "private", old: str = "member") -> None:
        """The bot's own standing in a chat changes (blocked: kicked)."""
        me = _user(123456789, "fr", bot=True)
        self.push(
            {
                "my_chat_member": {
                    "chat": _chat(chat, kind),
                    "from": _user(chat if chat > 0 else 1, "fr"),
                    "date": int(time.time()),
                    "old_chat_member": _member(me, old),
                    "new_chat_member": _member(me, status),
                }
            }
        )

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id

    # the methods, each (data) -> result, or RefusedError

    async def getme(self, _data: dict[str, Any]) -> Any:
        return _user(123456789, "fr", bot=True) | {
            "username": "warn_test_bot", "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
        }  # fmt: skip

    async def getupdates(self, data: dict[str, Any]) -> Any:
        """The second poller wins; the first is told 409."""
        if self._poller is not None:
            self._poller.set()
        mine = self._poller = asyncio.Event()
        offset, wait = int(data.get("offset") or 0), float(data.get("timeout") or 0)
        allowed = data.get("allowed_updates")
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        ends = time.monotonic() + wait
        while True:
            found = [
                update for update in self.updates if not allowed or any(kind in update for kind in allowed)
            ]
            if found or time.monotonic() >= ends or mine.is_set():
                break
            self._news.clear()
            waiters = [asyncio.ensure_future(event.wait()) for event in (self._news, mine)]
            _, pending = await asyncio.wait(
                waiters, timeout=max(0.0, ends - time.monotonic()), return_when="FIRST_COMPLETED"
            )
            for waiter in pending:
                waiter.cancel()
        if mine.is_set():
            raise RefusedError(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )
        self._poller = None
        return found[: int(data.get("limit") or 100)]

    async def deletewebhook(self, _data: dict[str, Any]) -> Any:
        return True

    async def setwebhook(self, _data: dict[str, Any]) -> Any:
        return True

    async def setmycommands(self, data: dict[str, Any]) -> Any:
        for command in data["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise RefusedError(400, "Bad Request: BOT_COMMAND_INVALID")
        self.commands[str(data.get("language_code", ""))] = data["commands"]
        return True

    async def getchatmember(self, data: dict[str, Any]) -> Any:
        status = "administrator" if int(data["user_id"]) in self.admins[str(data["chat_id"])] else "member"
        return _member(_user(int(data["user_id"]), "fr"), status)

    async def answercallbackquery(self, data: dict[str, Any]) -> Any:
        if len(data.get("text") or "") > 200:
            raise RefusedError(400, "Bad Request: MESSAGE_TOO_LONG")
        return True

    async def sendchataction(self, _data: dict[str, Any]) -> Any:
        return True

    async def sendmessage(self, data: dict[str, Any]) -> Any:
        text = _parsed(data.get("text") or "", data.get("parse_mode"), 4096, "message")
        return self._keep(data, {"text": text})

    async def sendphoto(self, data: dict[str, Any]) -> Any:
        caption = _parsed(
            data.get("caption") or "", data.get("parse_mode"), 1024, "caption", may_be_empty=True
        )
        photo = data.get("photo")
        if isinstance(photo, bytes):
            name = f"file-{hashlib.sha256(photo).hexdigest()[:16]}"
            self.files[name] = photo
            self.uploaded_bytes += len(photo)
        elif str(photo) in self.files:
            name = str(photo)
        else:
            raise RefusedError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        size = {"file_id": name, "file_unique_id": name[:12], "width": 600, "height": 450}
        return self._keep(data, {"caption": caption, "photo": [size]})

    async def editmessagetext(self, data: dict[str, Any]) -> Any:
        return self._edit(
            data, "text", _parsed(data.get("text") or "", data.get("parse_mode"), 4096, "message")
        )

    async def editmessagecaption(self, data: dict[str, Any]) -> Any:
        return self._edit(
            data,
            "caption",
            _parsed(data.get("caption") or "", data.get("parse_mode"), 1024, "caption", may_be_empty=True),
        )

    async def editmessagereplymarkup(self, data: dict[str, Any]) -> Any:
        message = self._find(data)
        message["reply_markup"] = _keyboard(data)
        return message

    async def deletemessage(self, data: dict[str, Any]) -> Any:
        """Alone with somebody a bot may take away both sides, for 48 hours."""
        self._open(data)
        if str(data["chat_id"]) in self.undeletable:
            raise RefusedError(429, "Too Many Requests: retry after 30", retry_after=30)
        name = str(data["chat_id"]), int(data["message_id"])
        kept = self.messages if name in self.messages else self.incoming
        if name not in kept or (kept is self.incoming and int(data["chat_id"]) < 0):
            raise RefusedError(400, "Bad Request: message to delete not found")
        if time.time() - kept[name]["date"] > 48 * 3600:
            raise RefusedError(400, "Bad Request: message can't be deleted for everyone")
        del kept[name]
        return True

    def _keep(self, data: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        chat = self._open(data)
        message: dict[str, Any] = {
            "message_id": self._take_id(),
            "date": int(time.time()),
            "chat": _chat(chat, "supergroup" if chat < 0 else "private"),
        }
        message |= content
        if keyboard := _keyboard(data):
            message["reply_markup"] = keyboard
        if data.get("message_thread_id"):
            message["message_thread_id"] = int(data["message_thread_id"])
        if reply := data.get("reply_parameters"):
            message["reply_to"] = reply["message_id"]
        message["silent"] = bool(data.get("disable_notification"))
        self.messages[str(chat), message["message_id"]] = message
        return message

    def _edit(self, data: dict[str, Any], name: str, text: str) -> dict[str, Any]:
        self._open(data)
        message = self._find(data)
        if name not in message:
            raise RefusedError(400, f"Bad Request: there is no {name} in the message to edit")
        if message[name] == text and message.get("reply_markup") == _keyboard(data):
            raise RefusedError(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
            )
        message[name] = text
        message["reply_markup"] = _keyboard(data)
        message["edit_date"] = int(time.time())
        return message

    def _find(self, data: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.messages[str(data["chat_id"]), int(data["message_id"])]
        except KeyError:
            raise RefusedError(400, "Bad Request: message to edit not found") from None

    def _open(self, data: dict[str, Any]) -> int:
        name = str(data.get("chat_id"))
        if name in self.moved:
            raise RefusedError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.moved[name],
            )
        if name in self.blocked:
            raise RefusedError(403, self.blocked[name])
        if name in self.refused:
            raise RefusedError(400, self.refused[name])
        if name in self.missing:
            raise RefusedError(400, "Bad Request: chat not found")
        if int(data.get("message_thread_id") or 0) in self.threads_gone:
            raise RefusedError(400, "Bad Request: message thread not found")
        return int(name)

    def check_flood(self, chat: str) -> None:
        """Refusals count as calls too: hammering prolongs the penalty."""
        if chat in self.noisy:
            self._refuse_for(self.noisy[chat])
        if self.limits is None:
            return
        now = time.monotonic()
        if now < self._penalty_until:
            self._refuse_for(self._penalty_until - now)
        while self._times and now - self._times[0] >= 1.0:
            self._times.popleft()
        if len(self._times) >= self.limits.overall:
            self._penalty_until = now + self.limits.penalty_s
            self._refuse_for(self.limits.penalty_s)
        times = self._by_chat[chat]
        group = chat.startswith(("-", "@"))
        window, most = (
            (60.0, self.limits.group_a_minute)
            if group
            else (self.limits.chat_s * self.limits.chat_burst, self.limits.chat_burst)
        )
        while times and now - times[0] >= window:
            times.popleft()
        if len(times) >= most:
            self._refuse_for(window - (now - times[0]))
        self._times.append(now)
        times.append(now)

    @staticmethod
    def _refuse_for(seconds: float) -> None:
        whole = max(1, int(-(-seconds // 1)))
        raise RefusedError(429, f"Too Many Requests: retry after {whole}", retry_after=whole)


@asynccontextmanager
async def bot_api(**facts: Any) -> AsyncIterator[BotApi]:
    """Listens on an ephemeral port until left. `port=` takes a certain one."""
    api = BotApi(**facts)
    writers: set[asyncio.StreamWriter] = set()
    tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        writers.add(writer)
        try:
            while await _one_call(api, reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writers.discard(writer)
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", api.port, limit=2**24)
    api.port = server.sockets[0].getsockname()[1]
    try:
        yield api
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        for writer in list(writers):
            writer.close()
        await asyncio.sleep(0.01)


async def _one_call(api: BotApi, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """One HTTP/1.1 request and its answer; False when the connection is over."""
    head = await reader.readuntil(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (row.partition(":") for row in rest if row)
    }
    raw = await reader.readexactly(int(headers.get("content-length", 0)))
    found = re.fullmatch(r"/bot([^/]+)/(\w+)(?:\?(.*))?", line.split(" ")[1])
    if found is None:
        return await _answer(writer, *_NOT_FOUND)
    token, method, query = found.group(1), found.group(2).lower(), found.group(3) or ""
    data = _decoded(raw, headers.get("content-type", ""), query)
    entry = Entry(time.monotonic(), method, data, body_hash=hashlib.sha256(raw).hexdigest()[:16])
    if token != api.token:
        entry.answer = 401
        api.journal.append(entry)
        return await _answer(writer, 401, "Unauthorized", {})
    api.journal.append(entry)
    call = None if method.startswith("_") else getattr(api, method, None)
    if call is None or method in {"push", "says", "taps", "member", "fault", "calls", "taken", "check_flood"}:
        return await _answer(writer, *_NOT_FOUND)
    if api.latency_s:
        await asyncio.sleep(api.latency_s)
    sends = method.startswith(("send", "edit"))
    fault = api.script.popleft() if sends and api.script else None
    if isinstance(fault, tuple):
        entry.answer = fault[0]
        return await _raw(writer, fault[0], fault[1].encode(), "text/html")
    if isinstance(fault, int | float):
        await asyncio.sleep(fault)
    try:
        if sends:
            api.check_flood(entry.chat)
        result = await call(data)
    except RefusedError as error:
        entry.answer = error.code
        return await _answer(writer, error.code, error.description, error.parameters)
    if fault == LOST:
        entry.answer = 0
        writer.transport.abort()
        return False
    return await _raw(writer, 200, json.dumps({"ok": True, "result": result}).encode(), "application/json")


async def _answer(
    writer: asyncio.StreamWriter, code: int, description: str, parameters: dict[str, Any]
) -> bool:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return await _raw(writer, code, json.dumps(body).encode(), "application/json")


async def _raw(writer: asyncio.StreamWriter, code: int, body: bytes, kind: str) -> bool:
    writer.write(
        f"HTTP/1.1 {code} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    )
    await writer.drain()
    return True


def _decoded(raw: bytes, kind: str, query: str) -> dict[str, Any]:
    data: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    if kind.startswith("application/json"):
        data |= json.loads(raw or b"{}")
    elif kind.startswith("multipart/form-data"):
        whole: Any = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw)
        files: dict[str, bytes] = {}
        for part in whole.get_payload():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if part.get_filename():
                files[str(name)] = content
            else:
                data[str(name)] = content.decode()
        for name, value in list(data.items()):
            if isinstance(value, str) and value.startswith("attach://"):
                data[name] = files[value.removeprefix("attach://")]
        data |= {name: content for name, content in files.items() if name == "photo"}
    else:
        data |= dict(parse_qsl(raw.decode(), keep_blank_values=True))
    for name in (
        "reply_markup",
        "link_preview_options",
        "reply_parameters",
        "commands",
        "allowed_updates",
        "scope",
    ):
        if isinstance(data.get(name), str):
            data[name] = json.loads(data[name])
    for name in ("disable_notification", "show_alert", "drop_pending_updates"):
        if isinstance(data.get(name), str):
            data[name] = data[name].lower() == "true"
    return data


def _parsed(text: str, mode: str | None, most: int, what: str, *, may_be_empty: bool = False) -> str:
    """The text as shown; refuses what Telegram refuses."""
    shown = text
    if mode == "HTML":
        _check_html(text)
        shown = html.unescape(_TAGS.sub("", text))
    if not shown.strip() and not may_be_empty:
        raise RefusedError(400, "Bad Request: message text is empty")
    if len(shown.encode("utf-16-le")) // 2 > most:
        raise RefusedError(400, f"Bad Request: {what} is too long")
    return shown


def _check_html(text: str) -> None:
    open_tags: list[str] = []
    for found in _TAGS.finditer(text):
        closing, tag = found.groups()
        if tag not in _ALLOWED:
            raise RefusedError(
                400,
                f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}" at byte offset {found.start()}',
            )
        if not closing:
            open_tags.append(tag)
        elif not open_tags or open_tags.pop() != tag:
            raise RefusedError(
                400, f"Bad Request: can't parse entities: Unmatched end tag at byte offset {found.start()}"
            )
    if open_tags:
        raise RefusedError(
            400,
            f"Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1]}\"",
        )
    bare = _TAGS.sub("", text)
    if "<" in bare:
        raise RefusedError(400, "Bad Request: can't parse entities: Unsupported start tag")


def _keyboard(data: dict[str, Any]) -> dict[str, Any] | None:
    markup = data.get("reply_markup")
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
                raise RefusedError(400, "Bad Request: BUTTON_DATA_INVALID")
            if "callback_data" not in button and "url" not in button:
                raise RefusedError(
                    400,
                    "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
                )
    return markup


def _chat(number: int, kind: str) -> dict[str, Any]:
    return (
        {"id": number, "type": kind, "first_name": "R"}
        if kind == "private"
        else {"id": number, "type": kind, "title": "Groupe"}
    )


def _user(number: int, lang: str, *, bot: bool = False) -> dict[str, Any]:
    return {"id": number, "is_bot": bot, "first_name": "warn" if bot else "R", "language_code": lang}


def _member(user: dict[str, Any], status: str) -> dict[str, Any]:
    rights = dict.fromkeys(
        ("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
         "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories"), False,
    )  # fmt: skip
    extras: dict[str, dict[str, Any]] = {"administrator": dict(rights), "kicked": {"until_date": 0}}
    return {"user": user, "status": status, **extras.get(status, {})}
