"""Looks at everything an operator can get wrong, and says in one line each what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from warn.app import build, folders, knowing
from warn.errors import ConfigError, DeliveryError, SourceError, WarnError
from warn.fetching import Fetcher
from warn.pipeline.knowledge import Knowledge
from warn.settings import Settings
from warn.source import Source
from warn.store import rotating

State = Literal["ok", "off", "fault"]
PATIENCE_S = 20.0
SIGNS: Mapping[State, str] = {"ok": "ok   ", "off": "off  ", "fault": "FAULT"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `off` is no fault: it is what a setting would switch on."""

    what: str
    state: State
    said: str

    @property
    def data(self) -> dict[str, Any]:
        return {"what": self.what, "state": self.state, "message": self.said}

    def line(self, lang: str) -> str:
        del lang
        return f"{SIGNS[self.state]} {self.what:18} {self.said}"


async def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Settings, rules, database, sources, channels; the network is asked, each for at most twenty seconds."""
    found = [*_rules(settings), _templates(settings), _database(settings), _secret(settings)]
    found += [one async for one in _sources(settings, now)]
    found += [one async for one in _channels(settings)]
    return found


def _rules(settings: Settings) -> list[Finding]:
    try:
        folder = folders.rules_folder(settings.rules)
        known = knowing.knowledge_of(folders.rules_texts(folder))
    except WarnError as error:
        return [Finding("rules", "fault", str(error))]
    return [Finding("rules", "ok", f"{len(known.rules)} rules in {folder}"), _people(settings, known)]


def _people(settings: Settings, known: Knowledge) -> Finding:
    """Whether somebody can be asked what the rules leave to a person."""
    telegram, mail = settings.telegram, settings.email
    if mail.admins and not (mail.host and mail.sender):
        return Finding("administrators", "fault", "WARN_EMAIL__ADMINS needs WARN_EMAIL__HOST and __SENDER")
    if not telegram.admins and not mail.admins:
        asked = [one.id for one in known.rules if one.rule.mode == "approve" or one.rule.escalate]
        said = f"{len(asked)} rules ask a person" if asked else "edits of rules ask a person"
        ways = "set WARN_TELEGRAM__ADMINS or WARN_EMAIL__ADMINS, or read var/notices.log"
        return Finding("administrators", "off", f"{said}: {ways}")
    groups = {step.to for one in known.rules for step in one.rule.escalate} - {"admins", *telegram.groups}
    if groups:
        unset = f"rules escalate to {', '.join(sorted(groups))}, which WARN_TELEGRAM__GROUPS does not name"
        return Finding("administrators", "fault", f"{unset}: all administrators are told instead")
    if not telegram.admins:
        return Finding("administrators", "ok", f"{len(mail.admins)} are told by mail; they answer by command")
    by_mail = f"; {len(mail.admins)} are told by mail what the chat cannot tell" if mail.admins else ""
    return Finding("administrators", "ok", f"{len(telegram.admins)} can be asked{by_mail}")


def _templates(settings: Settings) -> Finding:
    try:
        build.voice(settings)
    except WarnError as error:
        return Finding("templates", "fault", str(error))
    return Finding("templates", "ok", str(folders.templates_folder(settings.templates)))


def _database(settings: Settings) -> Finding:
    try:
        store = build.open_database(settings, upgrade=True)
        faults = store.check()
        store.close()
    except WarnError as error:
        return Finding("database", "fault", str(error))
    return Finding(
        "database", "fault" if faults else "ok", "; ".join(faults) or build.shown_url(settings.database_url)
    )


def _secret(settings: Settings) -> Finding:
    try:
        keys = build.secret_keys(settings)
        store = build.open_database(settings, upgrade=True)
    except ConfigError as error:
        return Finding("secret", "fault", str(error))
    except WarnError as error:
        return Finding("secret", "off", f"not tried on any contact: {error}")
    try:
        with store.read() as tx:
            standing = rotating.standing(tx, build.vault_of(keys))
    except WarnError as error:
        return Finding("secret", "off", f"not tried on any contact: {error}")
    finally:
        store.close()
    if standing.lost:
        of = standing.newest + standing.former + standing.lost
        lost = f"{standing.lost} of {of} contacts open with none of the keys given: they hear nothing"
        return Finding(
            "secret", "fault", f"{lost}. Put the former key back, behind the new one: WARN_SECRET=NEW,OLD"
        )
    kept = (
        "WARN_SECRET"
        if settings.secret.get_secret_value()
        else f"{settings.var / 'secret.key'}; keep it with your backups"
    )
    if standing.former:
        kept += f"; {standing.former} contacts stand under a former key: `warn secrets rotate`"
    return Finding("secret", "ok", kept)


async def _sources(settings: Settings, now: datetime) -> AsyncIterator[Finding]:
    try:
        texts = folders.rules_texts(folders.rules_folder(settings.rules))
        asked, off = build.sources(settings, texts)
        known = knowing.knowledge_of(texts)
    except WarnError as error:
        yield Finding("sources", "fault", str(error))
        return
    fetcher = build.fetcher(settings)
    options = build.options(settings, known, asked)
    answers = await asyncio.gather(
        *(_source(one, fetcher, {"now": now, **options[one.id]}) for one in asked.values() if not one.pushed)
    )
    await fetcher.close()
    for answer in answers:
        yield answer
    for one in asked.values():
        if one.pushed:
            yield Finding(one.id, "ok", "waits for what is sent to us")
    for source_id, reason in sorted(off.items()):
        yield Finding(source_id, "off", reason)


async def _source(source: Source, fetcher: Fetcher, options: Mapping[str, Any]) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE_S):
            bodies = await source.fetch(fetcher.visit(), options)
    except TimeoutError:
        return Finding(
            source.id, "fault", f"no answer within {PATIENCE_S:g} s; is this machine on the network?"
        )
    except SourceError as error:
        return Finding(source.id, "fault", str(error))
    except Exception as error:  # noqa: BLE001  # one source's defect must not end the examination of the others
        return Finding(source.id, "fault", f"a defect of ours: {type(error).__name__}: {error}")
    bad = [body for body in bodies if body.outcome != "ok"]
    if len(bad) == len(bodies):
        return Finding(source.id, "fault", bad[0].message if bad else "nothing was asked")
    failed = f"; {len(bad)} do not answer: {', '.join(body.part for body in bad)}" if bad else ""
    return Finding(source.id, "ok", f"{len(bodies) - len(bad)} of {len(bodies)} answer{failed}")


async def _channels(settings: Settings) -> AsyncIterator[Finding]:
    ready, off = build.channels(settings, build.chat(settings))
    for name, channel in ready.items():
        try:
            async with asyncio.timeout(PATIENCE_S):
                await channel.open()
                said = await channel.check()
            yield _bot(said, settings.telegram.name) if name == "telegram" else Finding(name, "ok", said)
        except TimeoutError:
            yield Finding(name, "fault", f"no answer within {PATIENCE_S:g} s")
        except DeliveryError as error:
            yield Finding(name, "fault", str(error))
        finally:
            await channel.close()
    for name, reason in off.items():
        yield Finding(name, "off", reason)


def _bot(said: str, named: str) -> Finding:
    """Whether links in mails and on the page lead to the bot that the token is of."""
    if named and not said.lower().startswith(f"@{named.lower()} "):
        return Finding(
            "telegram", "fault", f"{said} WARN_TELEGRAM__NAME is @{named}: links lead to another bot."
        )
    hint = "" if named else " WARN_TELEGRAM__NAME puts links to it into mails and on the page."
    return Finding("telegram", "ok", said + hint)
