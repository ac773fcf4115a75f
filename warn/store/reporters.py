"""Who may send field reports: an opaque id, a keyed hash of their chat, and links that make one reporter each."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from warn.store.database import Tx
from warn.store.tables import InvitationRow, ReporterRow
from warn.store.vault import Vault

VALID = timedelta(days=3)
_CHANNEL = "reporter"


@dataclass(frozen=True, slots=True)
class Reporter:
    """`id` is what administrators call them; `mark` is never shown."""

    id: str
    mark: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """`token` is the secret of the link and stored nowhere; who uses it becomes the reporter of this id."""

    token: str
    reporter: str
    expires_at: datetime


def invite(tx: Tx, now: datetime) -> Invitation:
    """Good once, for three days."""
    made = Invitation(secrets.token_urlsafe(18), f"r{secrets.randbelow(10**6):06d}", now + VALID)
    tx.add(InvitationRow(mark=_hash(made.token), reporter=made.reporter, expires_at=made.expires_at))
    tx.flush()
    return made


def welcome(tx: Tx, vault: Vault, chat: str, token: str, now: datetime) -> Reporter | None:
    """Uses an invitation up. None where it is unknown, used or expired; who is a reporter already stays the same."""
    invitation = tx.get(InvitationRow, _hash(token))
    if invitation is None:
        return None
    taken = delete(InvitationRow).where(col(InvitationRow.mark) == invitation.mark)
    if tx.connection().execute(taken).rowcount != 1 or invitation.expires_at <= now:
        return None
    known = find(tx, vault, chat)
    if known is not None:
        return known
    row = ReporterRow(id=invitation.reporter, mark=vault.mark(_CHANNEL, chat), created_at=now)
    tx.add(row)
    tx.flush()
    return _reporter(row)


def find(tx: Tx, vault: Vault, chat: str) -> Reporter | None:
    """Under whatever key: nothing but the hash is kept, so it stays that of the day they came."""
    question = select(ReporterRow).where(col(ReporterRow.mark).in_(vault.marks(_CHANNEL, chat)))
    row = tx.exec(question).first()
    return None if row is None else _reporter(row)


def listed(tx: Tx) -> list[Reporter]:
    """Oldest first."""
    question = select(ReporterRow).order_by(col(ReporterRow.created_at), col(ReporterRow.id))
    return [_reporter(row) for row in tx.exec(question)]


def invited(tx: Tx, now: datetime) -> list[tuple[str, datetime]]:
    """(id, until when) of every link that is still good; those that are not are removed."""
    gone = delete(InvitationRow).where(col(InvitationRow.expires_at) <= now)
    tx.connection().execute(gone)
    question = select(InvitationRow).order_by(col(InvitationRow.expires_at))
    return [(row.reporter, row.expires_at) for row in tx.exec(question)]


def revoke(tx: Tx, id: str) -> str | None:  # noqa: A002 - the word everybody uses
    """Forgets a reporter and gives their mark; "" for a link that nobody used yet, None where nobody is so called."""
    row = tx.get(ReporterRow, id)
    if row is not None:
        tx.delete(row)
        tx.flush()
        return row.mark
    unused = delete(InvitationRow).where(col(InvitationRow.reporter) == id)
    return "" if tx.connection().execute(unused).rowcount else None


def _hash(token: str) -> str:
    """No key: the token itself is 144 bits that nobody can guess."""
    return hashlib.sha256(b"warn invitation\0" + token.encode("utf-8", "surrogatepass")).hexdigest()


def _reporter(row: ReporterRow) -> Reporter:
    return Reporter(row.id, row.mark, row.created_at)
