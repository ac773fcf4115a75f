"""British travel advice for the country: GOV.UK content API, Foreign, Commonwealth & Development Office.

Terms: Open Government Licence v3.0, "Contains public sector information". No key; 10 requests a second are
allowed, one in half an hour is asked. Advice changes within hours of an event, a few times a month.
Embassies confirm, they do not lead: this is told as posture, never as news of the event itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from warn.errors import SourceError
from warn.fetching import form
from warn.geo import fold
from warn.model import Observation
from warn.rows import plain
from warn.source import Body, Context, Http, Parsed, Source

ADDRESS: Final = "https://www.gov.uk/api/content/foreign-travel-advice/{slug}"
PAGE: Final = "https://www.gov.uk{path}"
LEVELS: Final[Mapping[str, int]] = {
    "avoid_all_travel_to_whole_country": 4,
    "avoid_all_but_essential_travel_to_whole_country": 3,
    "avoid_all_travel_to_parts": 2,
    "avoid_all_but_essential_travel_to_parts": 2,
}
EXCERPT: Final = 300


class _Country(BaseModel):
    name: str = Field(min_length=1, max_length=100)
    slug: str = ""


class _Details(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=False)

    country: _Country
    alert_status: list[str] = Field(max_length=20)
    change_description: str = ""


class _Advice(BaseModel):
    """The fields of schema `travel_advice` that matter here; GOV.UK adds others freely."""

    document_type: str
    base_path: str = Field(max_length=300)
    public_updated_at: AwareDatetime
    withdrawn_notice: dict[str, Any] = Field(default_factory=dict)
    details: _Details


async def fetch(http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
    """The country is that of the area; `fcdo_slug` overrides its English name."""
    area = options.get("area")
    slug = options.get("fcdo_slug") or (fold(area.country.get("en", "")).replace(" ", "-") if area else "")
    if not slug:
        raise SourceError("error", "no country is set", "Name it in rules/area.yaml under country.")
    address = str(options.get("fcdo_url") or ADDRESS).format(slug=slug)
    body = await http.get(address, expect="json", conditional=False)  # the level is told anew each day
    if form(body.content) == "json" and f'advice/{slug}"'.encode() not in body.content:
        raise SourceError(
            "schema_changed", f"the answer does not speak of {slug}", "Check the country's name there."
        )
    return (body,)


def parse(content: bytes, context: Context) -> Parsed:
    """The level of today, and the change that last led to it."""
    if form(content) == "html":
        return Parsed("blocked", message="a web page came instead of JSON")
    try:
        advice = _Advice.model_validate(json.loads(content))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        return Parsed("schema_changed", message=f"{where}: {first['msg'][:80]}")
    except (ValueError, RecursionError) as error:
        return Parsed("error", message=f"not JSON ({str(error)[:80]})")
    return _judged(advice, context)


def _judged(advice: _Advice, context: Context) -> Parsed:
    if advice.document_type != "travel_advice":
        said = plain(advice.document_type)[:40]
        return Parsed("schema_changed", message=f"the page is now a '{said}', not travel advice")
    if advice.withdrawn_notice:
        since = plain(advice.withdrawn_notice.get("withdrawn_at", "an unknown day"))[:40]
        return Parsed("schema_changed", message=f"the page was withdrawn ({since}); look for its successor")
    unknown = [plain(word)[:60] for word in advice.details.alert_status if word not in LEVELS]
    level = max((LEVELS[word] for word in advice.details.alert_status if word in LEVELS), default=1)
    if unknown and level == 1:
        return Parsed("schema_changed", message=f"unknown alert status '{unknown[0]}'")
    changed_at = advice.public_updated_at.astimezone(UTC)
    if changed_at > context.now + timedelta(days=1):
        return Parsed(
            "schema_changed", message=f"the page says it changed on {changed_at:%Y-%m-%d}, in the future"
        )
    found = [_level(advice, level, context.now)]
    if level > 1:
        found.append(_change(advice, level, min(changed_at, context.now), context.now))
    note = f"; unknown alert status '{unknown[0]}'" if unknown else ""
    return Parsed("ok", tuple(found), f"level {level}, changed {changed_at:%Y-%m-%d}{note}")


def _level(advice: _Advice, level: int, now: datetime) -> Observation:
    """A standing level is reported once a day, or it would seem to have gone stale while it still holds."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return Observation(
        indicator="travel_advice_level",
        occurred_at=today,
        known_at=now,
        value=level,
        key=f"level:{_slug(advice)}:{today:%Y-%m-%d}",
        **_common(advice),
    )


def _change(advice: _Advice, level: int, changed_at: datetime, now: datetime) -> Observation:
    details = advice.details
    content = json.dumps([sorted(details.alert_status), details.change_description, changed_at.isoformat()])
    return Observation(
        indicator="travel_advice",
        occurred_at=changed_at,
        known_at=now,
        title=plain(details.change_description.removeprefix("Latest update:"))[:EXCERPT],
        key=f"change:{_slug(advice)}:{hashlib.sha256(content.encode()).hexdigest()[:16]}",
        attributes={"level": str(level), "status": ",".join(sorted(set(details.alert_status)))[:300]},
        **_common(advice),
    )


def _common(advice: _Advice) -> dict[str, Any]:
    """FCDO is the authority on its own advice, hence A1."""
    return {
        "source": "fcdo",
        "origins": ("FCDO",),
        "grade": "A1",
        "place": plain(advice.details.country.name),
        "precision": "country",
        "url": PAGE.format(path=advice.base_path) if advice.base_path.startswith("/") else "",
    }


def _slug(advice: _Advice) -> str:
    return fold(advice.details.country.slug or advice.details.country.name).replace(" ", "-")[:60]


SOURCE: Final = Source(
    id="fcdo",
    title="GOV.UK travel advice",
    indicators=("travel_advice", "travel_advice_level"),
    every=timedelta(minutes=30),
    lag=timedelta(hours=6),
    terms="Contains public sector information licensed under the Open Government Licence v3.0.",
    homepage="https://www.gov.uk/foreign-travel-advice",
    fetch=fetch,
    parse=parse,
)
