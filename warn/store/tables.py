"""The tables, and nothing but the tables. Imported inside `warn/store/` alone.

Dialect-neutral types only: text, numbers, bytes, aware UTC datetimes; what has no shape of its own is JSON text.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMES)
SERIAL = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER counts up by itself on SQLite


class Row(SQLModel):
    """What all tables share: names of constraints that migrations can rely on."""

    metadata = METADATA


def serial() -> Any:
    return Field(default=None, primary_key=True, sa_type=SERIAL)


def long_text() -> Any:
    return Field(default="", sa_type=Text)


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for bulk statements."""
    return cast("Table", cast("Any", model).__table__)


class ChangeRow(Row, table=True):
    """One transaction that changed observations; its id is the mark that incremental readers keep."""

    __tablename__ = "change"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a mark is never given twice

    id: int | None = serial()
    at: datetime


class ObservationRow(Row, table=True):
    """One version of one observation. `digest` is the hash of its content, `change` the last transaction on it.

    `version` counts in order of storing; two writers who add the same one cannot both succeed.
    """

    __tablename__ = "observation"
    __table_args__ = (
        UniqueConstraint("source", "key", "version"),
        Index("ix_observation_change", "change"),
    )

    id: int | None = serial()
    source: str
    key: str
    version: int
    digest: bytes = Field(sa_type=LargeBinary)
    change: int = Field(sa_type=BigInteger)
    indicator: str
    occurred_at: datetime
    known_at: datetime
    superseded_at: datetime | None = None
    stored_at: datetime
    value: float
    low: float | None = None
    high: float | None = None
    origins: str = ""
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: str = "country"
    grade: str = "F6"
    incident: str = ""
    attributes: str = long_text()
    title: str = long_text()
    url: str = long_text()
    withdrawn: str = long_text()  # the reason; such content does not come back by being read again


class PollRow(Row, table=True):
    """One reading of one source, with its outcome; kept as long as observations, for it says what was known."""

    __tablename__ = "poll"
    __table_args__ = (Index("ix_poll_source_at", "source", "at"), Index("ix_poll_at", "at"))

    id: int | None = serial()
    source: str
    at: datetime
    outcome: str
    message: str = long_text()
    reaches_back_to: datetime | None = None
    parts: str = long_text()
    found: int = 0
    refused: int = 0
    took_s: float = 0.0


class CoverageRow(Row, table=True):
    """A statement that a source was really being watched; `indicators` is a JSON list, empty for all."""

    __tablename__ = "coverage"
    __table_args__ = (UniqueConstraint("source", "indicators", "start_at", "end_at"),)

    id: int | None = serial()
    source: str
    indicators: str = long_text()
    start_at: datetime
    end_at: datetime


class AsideRow(Row, table=True):
    """A refused row of a source, with how often it was refused."""

    __tablename__ = "aside"
    __table_args__ = (UniqueConstraint("source", "digest"), Index("ix_aside_last_at", "last_at"))

    id: int | None = serial()
    source: str
    digest: str
    reason: str = long_text()
    excerpt: str = long_text()
    line: int | None = None
    position: int | None = None
    times: int = 1
    first_at: datetime
    last_at: datetime


class HttpRow(Row, table=True):
    """What a feed or page answered last, for conditional requests."""

    __tablename__ = "http_state"

    source: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    etag: str = long_text()
    last_modified: str = ""
    body_hash: str = ""
    cursor: str = long_text()
    changed_at: datetime


class TickRow(Row, table=True):
    """One evaluation, and the rules it ran with."""

    __tablename__ = "tick"
    __table_args__ = (Index("ix_tick_at", "at"),)

    id: int | None = serial()
    at: datetime
    rules_hash: str = ""
    transitions: int = 0


class StateRow(Row, table=True):
    """Where an alert stands between ticks; identified by rule and `by` alone."""

    __tablename__ = "alert_state"

    rule: str = Field(primary_key=True)
    by: str = Field(primary_key=True)
    status: str
    state: str = long_text()


class EpisodeRow(Row, table=True):
    """`number` is public: counted in order of opening, without gaps."""

    __tablename__ = "episode"
    __table_args__ = (UniqueConstraint("rule", "by", "opened_at"),)

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    rule: str
    by: str
    opened_at: datetime
    closed_at: datetime | None = None
    level: int
    peak: int
    revision: int


class TransitionRow(Row, table=True):
    """One thing that is told of an episode, with its evidence as JSON."""

    __tablename__ = "transition"
    __table_args__ = (
        UniqueConstraint("number", "revision"),
        UniqueConstraint("number", "at", "kind", "level"),
        Index("ix_transition_at", "at"),
        Index("ix_transition_rule", "rule"),
    )

    id: int | None = serial()
    number: int = Field(foreign_key="episode.number", sa_type=BigInteger)
    revision: int
    at: datetime
    rule: str
    kind: str
    level: int
    content: str = long_text()


class ActRow(Row, table=True):
    """What a person did; never changed afterwards."""

    __tablename__ = "act"
    __table_args__ = (Index("ix_act_kind_target", "kind", "target"),)

    id: int | None = serial()
    kind: str
    target: str
    by: str
    at: datetime
    until: datetime | None = None
    reason: str = long_text()
    details: str = long_text()


class SubscriberRow(Row, table=True):
    """`contact` is sealed, `mark` its keyed hash; erased rows are deleted.

    `owed_from`: when messages came again after a pause; `daily_from`, `evening_from`, `weekly_from`: when that edition
    was wished for anew. `moved_at`: when another hour was chosen while today's edition was still owed.
    """

    __tablename__ = "subscriber"
    __table_args__ = (UniqueConstraint("channel", "mark"), Index("ix_subscriber_state_id", "state", "id"))

    id: str = Field(primary_key=True)
    channel: str
    mark: str
    contact: bytes = Field(sa_type=LargeBinary)
    state: str
    preferences: str = long_text()
    created_at: datetime
    confirmed_at: datetime | None = None
    owed_from: datetime | None = None
    daily_from: datetime | None = None
    evening_from: datetime | None = None
    weekly_from: datetime | None = None
    moved_at: datetime | None = None


class ReporterRow(Row, table=True):
    """Somebody whose reports count. `mark` is the keyed hash of a chat; reports bear another one, new every month."""

    __tablename__ = "reporter"
    __table_args__ = (UniqueConstraint("mark"),)

    id: str = Field(primary_key=True)
    mark: str
    created_at: datetime


class InvitationRow(Row, table=True):
    """A link that makes one reporter, once; `mark` is the keyed hash of its secret, `reporter` the id it will give."""

    __tablename__ = "invitation"

    mark: str = Field(primary_key=True)
    reporter: str
    expires_at: datetime


class ReportRow(Row, table=True):
    """A field report in quarantine: waiting -> accepted -> told, or refused, or expired.

    `key` is a keyed hash of the conversation it came from, `mark` that of its author for the month of `occurred_at`.
    What is refused or expired keeps neither value nor place; a mark is blanked when its month is over.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_report_state", "state"),
        Index("ix_report_mark", "mark"),
    )

    id: int | None = serial()
    key: str
    mark: str
    state: str
    indicator: str
    value: float | None = None
    attributes: str = long_text()
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    grade: str = "F6"
    occurred_at: datetime
    received_at: datetime
    decided_at: datetime | None = None
    tell_at: datetime | None = None


class TraceRow(Row, table=True):
    """A message about reporting that still stands in a chat and has to be taken away; `address` is sealed."""

    __tablename__ = "trace"
    __table_args__ = (Index("ix_trace_expires_at", "expires_at"),)

    key: str = Field(primary_key=True)
    address: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime


class SuppressionRow(Row, table=True):
    """An address that bounced or complained, as a keyed hash."""

    __tablename__ = "suppression"

    mark: str = Field(primary_key=True)
    channel: str
    reason: str
    at: datetime


class ThrottleRow(Row, table=True):
    """How often something was asked for since its window began; `mark` is a keyed hash, gone when the window is."""

    __tablename__ = "throttle"
    __table_args__ = (Index("ix_throttle_until", "until"),)

    mark: str = Field(primary_key=True)
    count: int
    until: datetime


class PictureRow(Row, table=True):
    """`ref` is the provider's id of the uploaded picture, used instead of uploading it again."""

    __tablename__ = "picture"
    __table_args__ = (UniqueConstraint("digest"),)

    id: int | None = serial()
    digest: str
    png: bytes = Field(sa_type=LargeBinary)
    ref: str = ""


class RenderedRow(Row, table=True):
    """Bytes of one variant, fixed from the moment they are queued."""

    __tablename__ = "rendered"
    __table_args__ = (UniqueConstraint("variant_hash"),)

    id: int | None = serial()
    variant_hash: str
    kind: str
    form: str
    subject: str = long_text()
    body: bytes = Field(sa_type=LargeBinary)
    picture_id: int | None = Field(default=None, foreign_key="picture.id", sa_type=BigInteger)
    created_at: datetime


class TellRow(Row, table=True):
    """Which episodes a rendered message speaks of, as they stood then."""

    __tablename__ = "tell"
    __table_args__ = (Index("ix_tell_number", "number"),)

    rendered_id: int = Field(
        primary_key=True, foreign_key="rendered.id", sa_type=BigInteger, ondelete="CASCADE"
    )
    number: int = Field(primary_key=True, sa_type=BigInteger)
    revision: int
    level: int


class ExpansionRow(Row, table=True):
    """A message on its way to all subscribers; `cursor` is the last one who was looked at."""

    __tablename__ = "expansion"
    __table_args__ = (UniqueConstraint("key"),)

    id: int | None = serial()
    key: str
    payload: str = long_text()
    cursor: str = ""
    created_at: datetime
    finished_at: datetime | None = None


class DeliveryRow(Row, table=True):
    """blocked -> ready -> sending -> sent | ready (again, later) | dead | suppressed | expired | uncertain.

    `doubts`: tries of these attempts that may have arrived.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("idem_key"),
        Index("ix_delivery_queue", "state", "priority", "due", "id"),
        Index("ix_delivery_lane", "lane", "state", "id"),
        Index("ix_delivery_rendered_id", "rendered_id"),
        Index("ix_delivery_recipient", "recipient"),
    )  # fmt: skip

    id: int | None = serial()
    idem_key: str
    lane: str
    channel: str
    recipient: str
    rendered_id: int = Field(foreign_key="rendered.id", sa_type=BigInteger)
    priority: int
    state: str
    due: datetime
    expires_at: datetime | None = None
    resend: bool = True
    edits_number: int | None = Field(default=None, sa_type=BigInteger)
    edits_before: int | None = None
    edit_only: bool = False
    attempt: int = 0
    doubts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    lease_owner: str = ""
    lease_until: datetime | None = None
    provider_id: str = ""
    last_code: str = ""
    last_error: str = long_text()
    created_at: datetime
    done_at: datetime | None = None


class EditionRow(Row, table=True):
    """One edition of the digest for one recipient on one local date: made, or skipped."""

    __tablename__ = "edition"

    edition: str = Field(primary_key=True)
    local_date: date = Field(primary_key=True)
    recipient: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    skipped: bool = False
    at: datetime


class JobRunRow(Row, table=True):
    """One slot of one job; the primary key picks the winner."""

    __tablename__ = "job_run"

    job: str = Field(primary_key=True)
    slot: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    owner: str
    started_at: datetime
    beat_at: datetime
    finished_at: datetime | None = None
    outcome: str = long_text()


class LeaseRow(Row, table=True):
    """A role that must be single; `fence` grows with every new holder."""

    __tablename__ = "lease"

    role: str = Field(primary_key=True)
    owner: str
    fence: int = Field(sa_type=BigInteger)
    expires_at: datetime
