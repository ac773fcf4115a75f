"""Events of political violence, coded by researchers and revised weekly: ACLED, Armed Conflict Location & Event Data.

Terms (8 July 2025): attribution with the date of access, non-commercial unless licensed, no redistribution of rows:
they are counted and never exported, notes are read but neither stored nor told. An account is needed; under a research
account the last twelve months are withheld, and the answer is then an embargo, not an absence of events. A row keeps
its id when it is revised; ids that were deleted are listed apart, and withdrawn here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching import Record, demand, document, gathered, is_home, judged, listed, stop
from warn.model import Observation, Precision
from warn.reading import read
from warn.rows.foreign import amount, midnight, position, required, text
from warn.source import Body, Context, Http, Parsed, Source

HOST: Final = "https://acleddata.com"
LOOKS_BACK: Final = timedelta(days=90)
PAGES: Final = 20
MARGIN: Final = timedelta(minutes=5)
REFRESHABLE: Final = timedelta(days=13)
FIELDS: Final = (
    "event_id_cnty", "event_date", "time_precision", "event_type", "sub_event_type", "inter1", "inter2", "iso",
    "country", "admin1", "admin2", "location", "latitude", "longitude", "geo_precision", "notes", "fatalities",
    "timestamp",
)  # fmt: skip
KINDS: Final[Mapping[str, str]] = {
    "armed clash": "attack_military",
    "attack": "attack_civilian",
    "sexual violence": "attack_civilian",
    "abduction/forced disappearance": "abduction",
    "remote explosive/landmine/ied": "mine_ied",
    "suicide bomb": "attack_military",
    "shelling/artillery/missile attack": "attack_military",
    "grenade": "attack_military",
    "air/drone strike": "military_operation",
    "disrupted weapons use": "military_operation",
    "government regains territory": "military_operation",
    "non-state actor overtakes territory": "base_captured",
    "looting/property destruction": "attack_civilian",
    "agreement": "negotiation",
    "peaceful protest": "demonstration",
    "protest with intervention": "demonstration",
    "excessive force against protesters": "demonstration",
    "violent demonstration": "demonstration",
    "mob violence": "demonstration",
}
"""What sub-events count as; others ("Arrests", "Change to group/activity", "Other") are told only by their notes."""
IN_NOTES: Final = frozenset(
    {"convoy_attack", "checkpoint", "road_block", "blockade_declared", "convoy_disruption"}
)
PRECISIONS: Final[Mapping[int, Precision]] = {1: "town", 2: "cercle", 3: "region"}
STATE: Final = frozenset({"state forces", "1"})


@dataclass(slots=True)
class Account:
    """The token between polls: asked for once a day, renewed for two weeks, then asked for by password again."""

    token: str = ""
    until: datetime | None = None
    renewal: str = ""
    renewable_until: datetime | None = None
    _host: str = field(default=HOST)

    async def fetch(self, http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
        """Three months of events, since older rows are revised as well, and what was deleted in them."""
        self._host = str(options.get("acled_url") or HOST)
        await self._signed_in(http, options)
        try:
            return await self._bodies(http, options)
        except SourceError as error:
            if error.status != 401:
                raise
        self.until = None  # revoked before its time
        await self._signed_in(http, options)
        return await self._bodies(http, options)

    async def _signed_in(self, http: Http, options: Mapping[str, Any]) -> None:
        now: datetime = options["now"]
        if self.token and self.until is not None and now < self.until:
            return None
        if self.renewal and self.renewable_until is not None and now < self.renewable_until:
            try:
                return await self._ask(
                    http, now, {"grant_type": "refresh_token", "refresh_token": self.renewal}
                )
            except SourceError:
                self.renewal = ""
        said = {
            "grant_type": "password",
            "username": str(options.get("acled_username") or ""),
            "password": str(options.get("acled_password") or ""),
            "scope": "authenticated",
        }
        return await self._ask(http, now, said)

    async def _ask(self, http: Http, now: datetime, said: Mapping[str, str]) -> None:
        try:
            body = await http.get(
                f"{self._host}/oauth/token", form_data={**said, "client_id": "acled"}, expect="json"
            )
        except SourceError as error:
            if error.status in {400, 401}:
                remedy = "Check WARN_SOURCE__ACLED_USERNAME and WARN_SOURCE__ACLED_PASSWORD."
                raise SourceError(
                    "blocked", "ACLED does not accept the account", remedy, status=400
                ) from None
            raise
        found = document(body.content)
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token:
            raise SourceError("schema_changed", "ACLED answered without a token")
        lasts = found.get("expires_in")
        self.token, self.renewal = token, str(found.get("refresh_token") or "")
        self.until = now + timedelta(seconds=lasts if isinstance(lasts, int) else 3600) - MARGIN
        self.renewable_until = now + REFRESHABLE

    async def _bodies(self, http: Http, options: Mapping[str, Any]) -> tuple[Body, ...]:
        area, now = options.get("area"), options["now"]
        since, number = now - LOOKS_BACK, area.codes.get("m49", "") if area is not None else ""
        if not number:
            raise SourceError("error", "no country code is set", "rules/area.yaml: country.codes.m49.")
        events = {
            "_format": "json",
            "iso": number,
            "event_date": f"{since:%Y-%m-%d}|{now:%Y-%m-%d}",
            "event_date_where": "BETWEEN",
            "fields": "|".join(FIELDS),
            "limit": "5000",
        }
        gone = {
            "_format": "json",
            "deleted_timestamp": str(int(since.timestamp())),
            "deleted_timestamp_where": ">=",
            "limit": "5000",
        }
        return (
            *await self._pages(http, "/api/acled/read", events, "events"),
            *await self._pages(http, "/api/deleted/read", gone, "deleted"),
        )

    async def _pages(self, http: Http, path: str, asked: Mapping[str, str], part: str) -> list[Body]:
        """From cursor to cursor until there is none."""
        bodies: list[Body] = []
        cursor = "0"
        while cursor and len(bodies) < PAGES:
            body = await http.get(
                f"{self._host}{path}",
                params={**asked, "cursor": cursor},
                headers={"Authorization": f"Bearer {self.token}"},
                part=part if not bodies else f"{part}-{len(bodies) + 1}",
                expect="json",
                conditional=False,
            )
            bodies.append(body)
            found = document(body.content)
            following = text(found.get("next_cursor")) if isinstance(found, dict) else ""
            cursor = following if following != cursor else ""
        return bodies


def parse(content: bytes, context: Context) -> Parsed:
    """Events, or the list of those that were deleted."""
    return judged(_parsed, content, context)


def _parsed(content: bytes, context: Context) -> Parsed:
    found = document(content)
    rows = listed(found, "data")
    limits = found.get("data_query_restrictions") if isinstance(found, dict) else None
    recency = limits.get("date_recency") if isinstance(limits, dict) else None
    if not rows and isinstance(recency, dict):
        stop(
            "embargoed",
            f"this account sees events only up to {text(recency.get('date'), 20) or 'a past day'}",
        )
    if rows and all("deleted_timestamp" in row for _, row in rows):
        gone = tuple(key for _, row in rows if (key := text(row.get("event_id_cnty"))))
        return Parsed("ok", message=f"{len(gone)} events deleted", withdrawn=gone)
    if rows and all("total_forecast" in row for _, row in rows):
        stop("no_data", f"{len(rows)} forecasts, no events")
    demand(rows, ("event_id_cnty", "event_date", "sub_event_type"))
    ours = [(line, row) for line, row in rows if _is_ours(row, context)]
    return gathered(ours, partial(_told, context=context), of=len(rows), what="events")


def _is_ours(row: Record, context: Context) -> bool:
    """By number where there is one, else by the beginning of the id (MLI12345)."""
    number = text(row.get("iso")).removesuffix(".0")
    if number:
        return is_home(number.zfill(3), context, "m49")
    return is_home(text(row.get("event_id_cnty"))[:3], context, "iso3")


def _told(row: Record, context: Context) -> Iterator[Observation]:
    day, key = midnight(required(row, "event_date")), text(required(row, "event_id_cnty"))
    indicator = _indicator(row, day, context)
    if not indicator:
        return
    lat, lon = position(row.get("latitude"), row.get("longitude"))
    precision = PRECISIONS.get(int(amount(row.get("geo_precision")) or 0), "region")
    column = {"town": "location", "cercle": "admin2", "region": "admin1"}[precision]
    deaths, sure_of_day = amount(row.get("fatalities")), amount(row.get("time_precision"))
    said = {"deaths": f"{deaths:g}"} if deaths is not None else {}
    if sure_of_day is not None and sure_of_day > 1:
        said["day"] = "approximate"
    yield Observation(
        indicator=indicator,
        occurred_at=day,
        known_at=context.now,
        source="acled",
        origins=("ACLED",),
        place=text(row.get(column)),
        lat=lat,
        lon=lon,
        precision=precision,
        grade="B2",
        attributes=said,
        url="https://acleddata.com/",
        key=key,
    )


def _indicator(row: Record, day: datetime, context: Context) -> str:
    """By the kind of event; a convoy or a road, which have no code of their own, by the notes."""
    kind = text(required(row, "sub_event_type")).lower()
    found = KINDS.get(kind, "")
    if found in {"demonstration", "negotiation", "military_operation"}:
        return found
    if found == "attack_military" and text(row.get("inter1")).lower() in STATE:
        found = "military_operation"
    if context.lexicon is not None:
        reading = read(
            text(row.get("notes"), 2_000), reader=context.lexicon, published=day.date(), local=True
        )
        told = next((f for f in reading.findings if f.indicator in IN_NOTES and f.direction == "worse"), None)
        if told is not None:
            return told.indicator
    return found


SOURCE: Final = Source(
    id="acled",
    title="ACLED events",
    indicators=tuple(name for name in dict.fromkeys(KINDS.values()) if name != "negotiation"),
    every=timedelta(hours=12),
    publishes_every=timedelta(days=7),
    lag=timedelta(days=10),
    terms="ACLED (Armed Conflict Location & Event Data), acleddata.com; counts only, no redistribution of rows.",
    homepage="https://acleddata.com",
    fetch=Account().fetch,
    parse=parse,
    needs=("acled_username", "acled_password"),
    also=("negotiation", *sorted(IN_NOTES)),
    republish=False,
)
