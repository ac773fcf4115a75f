"""rules/feeds.yaml: which feeds are read, and what is known of each outlet."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warn.documents import Document, Fault, read, shape_faults
from warn.errors import ConfigError

FILE = "rules/feeds.yaml"


class Feed(BaseModel):
    """A feed. `grade` is the outlet's, used where a text names no better, and never for a party's claim."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    url: Annotated[str, Field(pattern=r"^https?://[^\s@]+$", max_length=500)]
    outlet: Annotated[str, Field(min_length=1, max_length=100, description="The name readers see.")]
    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "fr"
    grade: Annotated[str, Field(pattern=r"^[A-F][1-6]$")] = "F6"
    core: bool = Field(
        False, description="Half of the core feeds must answer for a moment to count as covered."
    )
    local: bool = Field(False, description="All its news is of this country; others must name it.")
    drop: Annotated[tuple[str, ...], Field(description="Words the outlet adds to every text.")] = ()
    older: Annotated[
        str,
        Field(
            pattern=r"^[a-z_]{0,30}$", description="The parameter by which older pages come after an outage."
        ),
    ] = ""
    off: Annotated[str, Field(description="Why it is not read.")] = ""


def check(text: str, file: str = FILE) -> tuple[tuple[Feed, ...], tuple[Fault, ...]]:
    """Every feed that stands, and every fault of the file."""
    document = read(text, file)
    faults = list(document.faults)
    rows = _rows(document)
    if rows is None:
        if document.root is not None:
            faults.append(document.fault("not-a-map", document.spot(()), *_WHOLE))
        return (), tuple(faults)
    found: dict[str, Feed] = {}
    for nth, row in enumerate(rows):
        at = ("feeds", nth)
        try:
            feed = Feed.model_validate(row)
        except ValidationError as error:
            faults += shape_faults(error, Feed, document, at)
            continue
        if feed.id in found:
            faults.append(document.fault("duplicate-id", document.spot((*at, "id")), *_twice(feed.id)))
        found[feed.id] = feed
    return tuple(found.values()), tuple(faults)


def load(text: str, file: str = FILE) -> tuple[Feed, ...]:
    """The same for callers that cannot go on without: ConfigError tells the first fault."""
    feeds, faults = check(text, file)
    first = next((fault for fault in faults if fault.severity == "error"), None)
    if first is not None:
        raise ConfigError(f"{first.file}:{first.line}:{first.column}: {first.message}.", first.suggestion)
    return feeds


def _rows(document: Document) -> list[Any] | None:
    rows = document.data.get("feeds") if isinstance(document.data, dict) else None
    return rows if isinstance(rows, list) else None


_WHOLE = (
    ("this file must begin with 'feeds:'", "Below it, a list of entries, each with '- id: ...'."),
    ("ce fichier doit commencer par « feeds: »", "Dessous, une liste d'éléments « - id: ... »."),
)


def _twice(name: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (
        (f"the feed '{name}' stands in this file twice", "Keep one of them."),
        (f"le flux « {name} » figure deux fois dans ce fichier", "N'en gardez qu'un."),
    )
