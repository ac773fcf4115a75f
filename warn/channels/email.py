"""Mail by a relay (SMTP): pre-rendered bytes, one recipient per message, over a pool of kept connections."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

import aiosmtplib

from warn import mailboxes
from warn.channel import Parcel, Receipt
from warn.channels.destinations import Destinations
from warn.channels.dkim import Signer
from warn.channels.headers import bare, domain_of, mailbox, wired
from warn.channels.lines import Lines
from warn.channels.redact import without_addresses
from warn.channels.smtp import Line, LostError, RefusedError, Reply, Security, connect
from warn.channels.verp import verp
from warn.errors import DeliveryError

POLICY_PAUSE_S = 1800.0
PATIENCE_S = 8 * 3600.0  # for this long a passing refusal is never the last
_POLICY = "policy "  # begins the code of a refusal that speaks of us
_WRONG_LOGIN = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class EmailConfig:
    """The relay, and what the headers of every message say. `web_address` is where `/u/<token>` answers.

    With `bounce_domain` each message has an envelope sender of its own there, signed with `bounce_key`. With `dkim_key`
    (PEM) and `dkim_selector` messages are signed for the sender's domain.
    """

    host: str
    sender: str
    web_address: str
    port: int = 587
    security: Security = "starttls"
    username: str = ""
    password: str = ""
    list_name: str = "warn"
    connections: int = 4
    timeout_s: float = 60.0
    ca_file: str = ""  # of a relay whose certificate no public authority signed
    bounce_domain: str = ""
    bounce_key: str = ""
    dkim_key: bytes = b""
    dkim_selector: str = ""


class EmailChannel:
    """Every message has a destination with a lane of its own; a relay that fails is left in peace."""

    id = "email"

    def __init__(self, config: EmailConfig) -> None:
        self._config = config
        self.width = config.connections
        self._lines = Lines(self._connect, config.connections)
        self._failures = 0
        self._closed_until = 0.0
        self._trouble = ""
        self._destinations = Destinations(config.connections)
        self._signer = (
            Signer(domain_of(config.sender), config.dkim_selector, config.dkim_key)
            if config.dkim_key
            else None
        )

    async def open(self) -> None:
        """Nothing yet: the service must start without the network."""

    async def send(self, parcel: Parcel) -> Receipt:
        recipient = mailbox(parcel.address)
        message = wired(
            parcel,
            sender=self._config.sender,
            web_address=self._config.web_address,
            list_name=self._config.list_name,
            signer=self._signer,
        )
        domain = domain_of(recipient)
        began = time.monotonic()
        wait = self._destinations.enter(domain, began)
        if wait:
            raise DeliveryError(
                "refund", "The provider takes no more at once.", code="lane", retry_after_s=wait
            )
        pushed_back, lost, took = False, True, ""
        try:
            reply = await self._lines.carry(self._envelope(parcel), recipient, message)
            lost, took = False, recipient
            return Receipt(provider_id=_without(recipient, reply), detail=str(reply.code))
        except RefusedError as error:
            refusal = judge(error, recipient)
            pushed_back, lost = _pushes_back(error, refusal.code), False
            if refusal.code.startswith(_POLICY) and refusal.kind == "retry":
                own = self._destinations.refuse(domain, recipient, time.monotonic(), POLICY_PAUSE_S)
                refusal.code = mailboxes.marked(refusal.code.removeprefix(_POLICY)) if own else refusal.code
            raise refusal from error
        except LostError as error:
            raise _lost(error) from error
        finally:
            self._destinations.leave(
                domain, began, time.monotonic(), pushed_back=pushed_back, lost=lost, took=took
            )

    def _envelope(self, parcel: Parcel) -> str:
        if self._config.bounce_domain:
            return verp(self._config.bounce_key, parcel.id, self._config.bounce_domain)
        return bare(self._config.sender)

    async def check(self) -> str:
        """Connects and logs in, sends nothing."""
        line = await self._connect()
        how = "pipelining" if line.pipelining else "one command at a time"
        await line.quit()
        return f"{self._config.host}:{self._config.port} answers and accepts us ({how})."

    async def close(self) -> None:
        await self._lines.close()

    async def _connect(self) -> Line:
        """Raises DeliveryError 'refund'. After a failure the relay has peace, longer each time, at random."""
        peace = self._closed_until - time.monotonic()
        where = f"{self._config.host}:{self._config.port}"
        if peace > 0:
            raise DeliveryError("refund", self._trouble, code="connect", retry_after_s=peace, whole=True)
        config = self._config
        try:
            line = await connect(
                config.host,
                config.port,
                config.security,
                username=config.username,
                password=config.password,
                timeout_s=config.timeout_s,
                ca_file=config.ca_file,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._failures += 1
            pause = random.uniform(0.5, 1.0) * min(60.0, 2.0**self._failures)  # noqa: S311 - no secret hangs on it
            self._closed_until = time.monotonic() + pause
            failure = _unreachable(where, error, pause)
            self._trouble = failure.message
            raise failure from error
        self._failures = 0
        return line


def _without(recipient: str, reply: Reply) -> str:
    """Cut only afterwards: half an address is nobody's to the eye of a program."""
    return without_addresses(reply.text[:1000], recipient)[:200]


def judge(error: RefusedError, recipient: str) -> DeliveryError:
    """What a refusal means for this delivery and this address (delivery.md, 2.4)."""
    reply, stage = error.reply, error.stage
    code = f"{reply.code} {reply.enhanced}".strip()
    said = f"The relay said {reply.code} {_without(recipient, reply)}"
    if reply.code in _WRONG_LOGIN:
        return DeliveryError(
            "refund", f"{said} Check the relay's user name and password.", code="auth", whole=True
        )
    fault = mailboxes.fault(reply.code, reply.enhanced, reply.text, alone=stage == "rcpt")
    if 400 <= reply.code < 500:
        code = mailboxes.marked(code) if fault == "own" else code
        return DeliveryError("retry", said, code=code, patience_s=PATIENCE_S)
    if fault == "gone" and stage in {"rcpt", "end"}:
        return DeliveryError("gone", said, code=code)
    if stage == "mail":
        said = f"{said} The relay does not take mail from this sender."
        return DeliveryError("refund", said, code=_POLICY + code, whole=True)
    if fault == "policy":
        said = f"{said} A policy refused it."
        return DeliveryError("retry", said, code=_POLICY + code, retry_after_s=POLICY_PAUSE_S)
    if 500 <= reply.code < 600:
        return DeliveryError("dead", said, code=mailboxes.marked(code) if fault == "own" else code)
    return DeliveryError("retry", said, code=code)


def _pushes_back(error: RefusedError, code: str) -> bool:
    """A passing refusal that speaks of us or of the server, not of one mailbox."""
    reply = error.reply
    if not 400 <= reply.code < 500 or reply.code == 421:
        return reply.code == 421
    busy = reply.code == 450 and not reply.enhanced and error.stage == "rcpt"
    return not (busy or mailboxes.is_own(code) or reply.enhanced.startswith("4.1."))


def _lost(error: LostError) -> DeliveryError:
    if error.after_dot:
        return DeliveryError("uncertain", f"After the message was handed over, {error}.", code="after dot")
    return DeliveryError("refund", f"Before the message was handed over, {error}.", code="lost", whole=True)


def _unreachable(where: str, error: Exception, pause: float) -> DeliveryError:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        said = f"{where} refuses our login ({error.code}). Check the relay's user name and password."
        return DeliveryError("refund", said, code="auth", retry_after_s=pause, whole=True)
    said = f"{where} cannot be reached: {error}"
    return DeliveryError("refund", said, code="connect", retry_after_s=pause, whole=True)
