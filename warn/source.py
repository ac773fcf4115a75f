"""What a source is. Everything in `warn/sources/` is one file with one `SOURCE` of this shape, no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from warn.model import EMPTY, Coverage, Observation, Outcome, Refused, SourceFacts

__all__ = ["Body", "Context", "Expect", "Http", "Parsed", "Refused", "Source", "Validators"]

Expect = Literal["", "xml", "json", "csv", "zip", "html"]


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes as they came, and what is needed to judge them. `part` names one feed or page of many.

    `outcome` other than ok: this part did not come, for the reason in `message`; the others did.
    """

    content: bytes
    url: str = ""
    status: int = 200
    content_type: str = ""
    part: str = ""
    not_modified: bool = False
    asked: str = ""  # fingerprint of the address, by which validators are kept
    outcome: Outcome = "ok"
    message: str = ""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave so that we can ask whether a body has changed (RFC 9110, 8.8).

    `noted`: instead, what the source itself wants to know at its next poll.
    """

    etag: str = ""
    last_modified: str = ""
    noted: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the parser made of a body. Never an exception, whatever the bytes.

    `message` is one clear line: what came, and what to do where something can be done. `complete_since`: everything
    that occurred since then is in this body, so that what we hold besides was deleted by the provider.
    """

    outcome: Outcome
    observations: tuple[Observation, ...] = ()
    message: str = ""
    refused: tuple[Refused, ...] = ()
    reaches_back_to: datetime | None = None
    coverage: tuple[Coverage, ...] = ()
    withdrawn: tuple[str, ...] = ()  # keys of this source's observations that the provider has deleted
    complete_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a parser may know besides the bytes. `now` is `known_at`, unless the source may say otherwise.

    `lexicon`, `places`, `indicators`, `mapping`: loaded files of the rules folder (opaque here; used typed).
    """

    now: datetime
    indicators: Any = None
    places: Any = None
    lexicon: Any = None
    area: Any = None
    mapping: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    part: str = ""


class Http(Protocol):
    """The one way to the network: paced, capped, guarded, conditional. Its failures are SourceError alone."""

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = ...,
        params: Mapping[str, str] | None = ...,
        part: str = ...,
        expect: Expect = ...,
        form_data: Mapping[str, str] | None = ...,
        conditional: bool = ...,
        answers: Collection[int] = ...,
    ) -> Body:
        """`expect`: a web page instead is `blocked`. `form_data` turns it into a POST, for tokens.

        `conditional=False`: the body is wanted even if it has not changed. `answers`: statuses by which this
        server says something in its body that the parser understands ("not released yet"); they are no failure.
        """
        ...

    def recall(self, name: str) -> str:
        """What `note` was given at the last poll that was stored; empty where there was none."""
        ...

    def note(self, name: str, value: str) -> None:
        """Kept with what this poll brings; dropped where the parser does not understand a body of that part."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One provider: how to reach it, how to read it, how often, how late it speaks, and on which terms."""

    id: str
    title: str
    indicators: tuple[str, ...]
    every: timedelta
    lag: timedelta
    terms: str  # licence and attribution, printed where its data are shown
    homepage: str
    fetch: Callable[[Http, Mapping[str, Any]], Awaitable[tuple[Body, ...]]]
    parse: Callable[[bytes, Context], Parsed]
    needs: tuple[str, ...] = ()  # names of settings without which it stays off
    uses: tuple[str, ...] = ()  # names of settings that make it better, and without which it works as well
    vouches: bool = True
    pushed: bool = False  # it is sent to us and never asked
    publishes_every: timedelta | None = (
        None  # how often there is something new, where that is rarer than we ask
    )
    also: tuple[str, ...] = ()  # indicators it may bring besides, and whose absence it does not vouch for
    republish: bool = True  # whether its rows may leave the service by `warn export`
    off_by_default: str = ""  # the reason, where a source is off unless asked for
    core_parts: tuple[str, ...] = ()
    pace_s: Mapping[str, float] = field(default_factory=lambda: EMPTY)  # host -> seconds between requests
    # (new, those of the last days as stored, now) -> what to store: for what only shows across bodies and polls
    settle: (
        Callable[[Sequence[Observation], Sequence[Observation], datetime], tuple[Observation, ...]] | None
    ) = None

    @property
    def expected_every(self) -> timedelta:
        """The cadence by which readers are told that it is due, overdue or silent."""
        return self.publishes_every or self.every

    def facts(self) -> SourceFacts:
        return SourceFacts(
            id=self.id,
            lag_s=dict.fromkeys(self.indicators, self.lag.total_seconds()),
            vouches=self.vouches,
            core_parts=self.core_parts,
        )
