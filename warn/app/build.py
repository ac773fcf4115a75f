"""The composition root: reads settings, folders and keys, builds the parts and hands them over."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import random
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from warn.app import folders, knowing
from warn.app.notices import Notices, Post
from warn.channel import Channel
from warn.channels import CHANNELS
from warn.channels.email import EmailConfig
from warn.channels.file import FileConfig
from warn.channels.webhook import WebhookConfig
from warn.digest.languages import environment
from warn.errors import ConfigError
from warn.fetching import Fetcher, Manners
from warn.pipeline.dispatch import Dispatcher
from warn.pipeline.knowledge import Knowledge
from warn.pipeline.work import Voice, Work
from warn.rules.evaluate import Engine
from warn.settings import Settings
from warn.source import Source
from warn.sources import SOURCES
from warn.store import Store, open_store
from warn.store.vault import Vault
from warn.study.backtest import impacts_from_csv
from warn.study.score import Impact

SECRET_BYTES = 32


def voice(settings: Settings, *, exercise: bool = False, pictures: bool = True) -> Voice:
    folder = folders.templates_folder(settings.templates)
    templates, catalogues = folders.template_texts(folder)
    sender = settings.email.sender or f"{settings.operator} <{settings.operator}@localhost>"
    return Voice(
        templates=environment(templates, catalogues),
        base=settings.web.address,
        sender=sender,
        reply_to=settings.email.reply_to,
        list_id=settings.operator,
        bot=settings.telegram.name,
        draw=partial(draw, folders.fonts(folder)) if pictures else None,
        exercise=exercise,
    )


def draw(fonts: Sequence[str], svgs: Sequence[str]) -> list[bytes]:
    from warn.digest.raster import rasterise  # noqa: PLC0415  # 3 MB that a service without mail never needs

    return [rasterise(svg, fonts) for svg in svgs]


def templates(settings: Settings) -> Environment:
    return voice(settings).templates


def open_database(settings: Settings, url: str = "", *, upgrade: bool = False) -> Store:
    """The store, its tables current; without `upgrade` an old schema is a fault that says what to type.

    `url`: another one than that of the settings.
    """
    url = url or settings.database_url
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    store = open_store(url, durable=True, marks=partial(marks_erased, settings))
    if upgrade:
        store.upgrade()
    elif store.needs_upgrade():
        store.close()
        raise ConfigError(
            "The database has no tables yet, or those of an older version.", "Type `warn db upgrade`."
        )
    return store


def marks_erased(settings: Settings, name: str) -> tuple[str, ...]:
    """By the keys that seal the contacts: without one, or without a backup, it says nothing of anybody."""
    return vault(settings).marks("erased", name)


def vault(settings: Settings) -> Vault:
    """Seals with the newest key, opens with any."""
    return vault_of(secret_keys(settings))


@lru_cache(maxsize=8)
def vault_of(keys: tuple[str, ...]) -> Vault:
    return Vault(*(key.encode() for key in keys))


def secret_keys(settings: Settings) -> tuple[str, ...]:
    """WARN_SECRET (newest first, comma separated), or the file made for this installation beside the database."""
    given, kept = _listed(settings.secret.get_secret_value()), settings.var / "secret.key"
    keys = given or _listed(_kept_secret(kept))
    if not keys or any(len(key) < SECRET_BYTES for key in keys):
        where = "WARN_SECRET" if given else kept
        raise ConfigError(
            f"{where} is shorter than {SECRET_BYTES} characters.", "`warn secrets new` prints one."
        )
    return keys


def _listed(said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (word.strip() for word in said.split(",")))))


def _kept_secret(path: Path) -> str:
    """Made once, readable by its owner alone; lost with it are all contacts, so it belongs in the backup."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES * 2))
        with contextlib.suppress(FileExistsError):  # another process was first, and its key stands
            os.link(draft, path)  # whole or not at all, also when killed
        draft.unlink()
    return path.read_text().strip()


def sources(settings: Settings, texts: Mapping[str, str]) -> tuple[dict[str, Source], dict[str, str]]:
    """Those that are asked, and those that are not with the reason."""
    asked: dict[str, Source] = {}
    off: dict[str, str] = {}
    for source_id, source in knowing.every_source(texts).items():
        missing = [name for name in source.needs if not option(settings, name)]
        if source_id in settings.source.off:
            off[source_id] = "switched off by WARN_SOURCE__OFF"
        elif source.off_by_default and source_id not in settings.source.on:
            off[source_id] = f"{source.off_by_default} (WARN_SOURCE__ON={source_id} asks it all the same)"
        elif missing:
            off[source_id] = f"set {', '.join(map(variable, missing))} to start it"
        else:
            asked[source_id] = source
    return asked, off


def variable(name: str) -> str:
    """The environment variable behind the name of a setting that a source needs."""
    return "WARN_TELEGRAM__TOKEN" if name == "telegram_token" else f"WARN_SOURCE__{name.upper()}"


def option(settings: Settings, name: str) -> object:
    """The setting a source needs or uses, by its name; keys in the open, for the source alone."""
    if name == "telegram_token":
        return bool(settings.telegram.token.get_secret_value())
    if name == "reporter_keys":
        return secret_keys(settings)
    found = getattr(settings.source, name, None) or settings.source.keys.get(name.removeprefix("key_"))
    return found.get_secret_value() if isinstance(found, SecretStr) else found


def options(settings: Settings, known: Knowledge, asked: Mapping[str, Source]) -> dict[str, dict[str, Any]]:
    """What each source is handed at every poll."""
    return {
        source_id: {
            "area": known.geography.area,
            **{name: option(settings, name) for name in (*source.needs, *source.uses)},
        }
        for source_id, source in asked.items()
    }


def engine(known: Knowledge, asked: Mapping[str, Source]) -> Engine:
    facts = [source.facts() for source in asked.values()]
    return Engine(known.rules.rules, known.indicators, known.geography, facts)


def work(
    settings: Settings,
    store: Store,
    *,
    known: Knowledge | None = None,
    exercise: bool = False,
    pictures: bool = True,
) -> Work:
    """Everything the pipeline needs, over an open store; `known` where the rules folder was read already."""
    known = known or knowing.read_rules(settings)
    asked, _ = sources(settings, known.files)
    keys = secret_keys(settings)
    return Work(
        store=store,
        vault=vault_of(keys),
        knowledge=known,
        engine=engine(known, asked),
        voice=voice(settings, exercise=exercise, pictures=pictures),
        keys=keys,
        sources=asked,
        options=options(settings, known, asked),
        impacts=listed(folders.rules_folder(settings.rules)),
        admins=admins(settings),
        lang=settings.lang,
    )


def admins(settings: Settings) -> dict[str, tuple[int, ...]]:
    """Whom the bot can write to, per group; nobody without a bot."""
    telegram = settings.telegram
    if not telegram.token.get_secret_value():
        return {}
    return {**telegram.groups, "admins": telegram.admins}


def listed(folder: Path) -> tuple[Impact, ...]:
    """The impacts the record is kept against, oldest first."""
    path = folder / "history" / "impacts.csv"
    if not path.exists():
        return ()
    return tuple(sorted(impacts_from_csv(folders.text_of(path)), key=lambda one: one.on))


def fetcher(settings: Settings) -> Fetcher:
    slow = {host: seconds for source in SOURCES.values() for host, seconds in source.pace_s.items()}
    return Fetcher(
        Manners(contact=settings.contact, allow_private=settings.source.allow_private, host_pace_s=slow)
    )


def chat(settings: Settings) -> Any:
    """Telegram's parts (`app.chat.Chat`), or None without a token; see there why it is loaded so late."""
    if not settings.telegram.token.get_secret_value():
        return None
    return importlib.import_module("warn.app.chat").Chat(settings)


def channels(settings: Settings, telegram: Any) -> tuple[dict[str, Channel], dict[str, str]]:
    """Those that are set up, and those that are not with what to set."""
    ready: dict[str, Channel] = {}
    off: dict[str, str] = {}
    if settings.file.folder is not None:
        ready["file"] = CHANNELS["file"](FileConfig(settings.file.folder))
    if settings.email.host and settings.email.sender:
        ready["email"] = CHANNELS["email"](email_config(settings))
    else:
        off["email"] = "set WARN_EMAIL__HOST and WARN_EMAIL__SENDER to send mail"
    if telegram is not None:
        ready["telegram"] = telegram.channel()
    else:
        off["telegram"] = "set WARN_TELEGRAM__TOKEN (from @BotFather) to send and to take commands"
    if settings.webhook.on:
        ready["webhook"] = CHANNELS["webhook"](WebhookConfig(allow_private=settings.webhook.allow_private))
    else:
        off["webhook"] = "switched off by WARN_WEBHOOK__ON"
    return ready, off


def notices(settings: Settings, ready: Mapping[str, Channel]) -> Notices:
    """Mail to administrators has a relay of its own: one connection, and bounces that reach the sender."""
    post = None
    if "email" in ready and settings.email.admins:
        config = replace(
            email_config(settings), connections=1, timeout_s=15.0, bounce_domain="", bounce_key=""
        )
        post = Post(lambda: CHANNELS["email"](config), settings.email.admins, settings.lang)
    return Notices(ready, settings.telegram.admins, settings.var / "notices.log", post)


def email_config(settings: Settings) -> EmailConfig:
    mail = settings.email
    return EmailConfig(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        username=mail.username,
        password=mail.password.get_secret_value(),
        sender=mail.sender,
        web_address=settings.web.address,
        list_name=settings.operator,
        connections=mail.connections,
        bounce_domain=mail.bounce_domain,
        bounce_key=secret_keys(settings)[0] if mail.bounce_domain else "",
        dkim_key=_dkim_key(mail.dkim_key) if mail.dkim_key else b"",
        dkim_selector=mail.dkim_selector,
    )


def _dkim_key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.", "WARN_EMAIL__DKIM_KEY names a PEM file."
        ) from error


def dispatcher(built: Work, ready: Mapping[str, Channel], clock: Any) -> Dispatcher:
    return Dispatcher(
        store=built.store,
        vault=built.vault,
        keys=built.keys,
        channels=ready,
        owner=process_name(),
        clock=clock,
        random=random.SystemRandom().random,
    )


def process_name() -> str:
    """By which leases know this process."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"


def shown_url(url: str) -> str:
    """The address of the database without its password."""
    return make_url(url).render_as_string(hide_password=True)


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
