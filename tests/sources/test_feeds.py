import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from warn.errors import ConfigError
from warn.fetching import Collected, Fetcher, Manners, collect_one
from warn.model import Observation
from warn.source import Source, Validators
from warn.sources import configured as all_sources
from warn.sources.feeds import Feed, check, configured, load, parse, parse_feed
from warn.sources.feeds.stories import settle

from tests.fakes.web import Web, body, drip, serving, status, unless_known
from tests.sources.knowing import context, mutated, payload, texts

NOW = datetime(2025, 10, 20, 6, tzinfo=UTC)
WORDPRESS, ATOM, RDF = (payload(f"feeds/{name}.xml") for name in ("wordpress", "atom", "rdf"))
COURRIER = Feed(
    id="courrier",
    url="https://courrier.example/feed/",
    outlet="Le Courrier",
    grade="C3",
    core=True,
    local=True,
)


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with serving() as server:
        yield server


def feeds(web: Web, *names: str) -> Source:
    return configured(
        [
            Feed(id=name, url=f"{web.address}/{name}", outlet=name.title(), grade="C3", core=True)
            for name in names
        ]
    )


async def poll(
    source: Source, validators: dict[str, Validators] | None = None, recent: list[Observation] | None = None
) -> Collected:
    fetcher = Fetcher(Manners(pace_s=0, backoff_s=0, attempts=1, read_s=0.5, total_s=1, allow_private=True))
    try:
        return await collect_one(source, fetcher, context(NOW), {}, validators or {}, recent or ())
    finally:
        await fetcher.close()


def test_titles_and_leads_become_observations_of_their_day() -> None:
    parsed = parse_feed({"courrier": COURRIER}, WORDPRESS, context(NOW, "courrier"))
    kinds = {o.indicator: o for o in parsed.observations}
    attack = kinds["convoy_attack"]
    assert attack.occurred_at.date().isoformat() == "2025-10-19"
    assert attack.known_at == NOW
    assert attack.url == "https://courrier.example/2025/10/19/citernes/"
    assert attack.title == "Mali : une vingtaine de camions-citernes incendiés entre Kolokani et Didiéni"
    assert kinds["fuel_shortage_report"].occurred_at.date().isoformat() == "2025-10-18"
    assert parsed.outcome == "ok"
    assert [r.reason for r in parsed.refused] == ["an entry without a date"]
    assert not any("Football" in o.title for o in parsed.observations)


@pytest.mark.parametrize(("content", "kind"), [(ATOM, "school_closure"), (RDF, "convoy_attack")])
def test_atom_and_rdf_are_read_as_well(content: bytes, kind: str) -> None:
    parsed = parse(content, context(NOW))
    assert kind in {o.indicator for o in parsed.observations}
    assert parsed.reaches_back_to is not None


def test_the_same_article_is_the_same_row_when_read_again() -> None:
    first = parse_feed({"courrier": COURRIER}, WORDPRESS, context(NOW, "courrier"))
    later = parse_feed({"courrier": COURRIER}, WORDPRESS, context(NOW + timedelta(hours=5), "courrier"))
    assert [replace(o, known_at=NOW) for o in later.observations] == list(first.observations)


def test_an_outlets_own_grade_stands_only_where_nobody_better_is_named() -> None:
    grades = {
        o.grade for o in parse_feed({"courrier": COURRIER}, WORDPRESS, context(NOW, "courrier")).observations
    }
    assert grades == {"C3"}
    (copied,) = (o for o in parse(RDF, context(NOW)).observations if o.indicator == "convoy_attack")
    assert copied.origins == ("AFP",)


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (b"<!DOCTYPE html><html><body>Accueil</body></html>", "blocked"),
        (b"", "error"),
        (b'{"items": []}', "schema_changed"),
        (b"plain words", "schema_changed"),
        (b"<?xml version='1.0'?><catalogue><book/></catalogue>", "schema_changed"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title></channel></rss>", "no_data"),
        (WORDPRESS[:300], "error"),
        (b"<rss>" + b"x" * 6_000_000, "error"),
        (WORDPRESS.replace(b"pubDate", b"published_on"), "schema_changed"),
    ],
)
def test_what_is_no_feed_ends_in_its_outcome(content: bytes, outcome: str) -> None:
    parsed = parse(content, context(NOW))
    assert (parsed.outcome, parsed.observations) == (outcome, ())
    assert parsed.message


def test_a_feed_torn_off_gives_what_it_holds_and_claims_no_reach() -> None:
    parsed = parse(WORDPRESS[: WORDPRESS.index(b"Football")], context(NOW))
    assert parsed.outcome == "ok"
    assert "damaged" in parsed.message
    assert parsed.reaches_back_to is None


def test_entries_of_the_future_are_set_aside() -> None:
    parsed = parse(WORDPRESS.replace(b"19 Oct 2025", b"19 Oct 2026"), context(NOW))
    assert "in the future" in parsed.refused[0].reason


def test_a_pinned_old_article_does_not_pretend_that_the_feed_reaches_back_to_it() -> None:
    assert (
        parse(
            WORDPRESS.replace(b"19 Oct 2025", b"19 Oct 2024").replace(
                b"<item>\n\t\t<title>Un billet", b"<item><title>x"
            ),
            context(NOW),
        ).reaches_back_to
        is None
    )


def test_entities_that_explode_are_stopped() -> None:
    bomb = (
        b"<?xml version='1.0'?><!DOCTYPE r ["
        + b"".join(
            b"<!ENTITY e%d '%s'>" % (n, b"&e%d;" % (n - 1) * 10 if n else b"x" * 10) for n in range(12)
        )
        + b"]><rss version='2.0'><channel><item><title>&e11;</title></item></channel></rss>"
    )
    started = time.process_time()
    assert parse(bomb, context(NOW)).observations == ()
    assert time.process_time() - started < 2


def test_a_body_that_is_the_name_of_a_file_opens_no_file() -> None:
    assert parse(b"/etc/passwd", context(NOW)).outcome == "schema_changed"
    assert parse(b"<file:///etc/passwd", context(NOW)).outcome in {"error", "schema_changed"}


async def test_a_dead_feed_stops_no_other_and_is_named(web: Web) -> None:
    web.on("/one", body(WORDPRESS))
    web.on("/two", status(500))
    web.on("/three", body(b"<html><body>x</body></html>", "text/html"))
    web.on("/four", drip(ATOM, 0.2))
    got = await poll(feeds(web, "one", "two", "three", "four"))
    assert got.poll.outcome == "ok"
    assert got.poll.parts == {"one": True, "two": False, "three": False, "four": False}
    assert all(name in got.poll.message for name in ("two error", "three blocked", "four error"))
    assert got.observations


async def test_when_no_feed_answers_the_poll_vouches_for_nothing(web: Web) -> None:
    web.on("/one", status(403))
    got = await poll(feeds(web, "one"))
    assert (got.poll.outcome, got.poll.good) == ("blocked", False)


async def test_an_unchanged_feed_is_no_data_and_vouches(web: Web) -> None:
    web.on("/one", unless_known(WORDPRESS, '"v1"'))
    source = feeds(web, "one")
    first = await poll(source)
    again = await poll(source, dict(first.validators))
    assert (again.poll.outcome, again.poll.parts) == ("no_data", {"one": True})


async def test_a_text_on_several_sites_has_one_origin(web: Web) -> None:
    web.on("/one", body(WORDPRESS))
    web.on("/two", body(WORDPRESS.replace(b"courrier.example", b"copie.example")))
    web.on("/three", body(RDF))
    got = await poll(feeds(web, "one", "two", "three"))
    attacks = [o for o in got.observations if o.indicator == "convoy_attack"]
    assert len(attacks) == 3
    assert {o.origins for o in attacks} == {("AFP",)}
    shortages = [o for o in got.observations if o.indicator == "fuel_shortage_report"]
    assert len({o.origins for o in shortages}) == 1


def told(key: str, title: str, origin: str, grade: str = "C3", known: datetime = NOW) -> Observation:
    return Observation(
        "convoy_attack", NOW, known, source="feeds", origins=(origin,), grade=grade, title=title, key=key
    )


def test_a_copy_stored_earlier_learns_its_origin_later() -> None:
    title = "Un convoi de carburant attaqué près de Kolokani"
    stored = told("a", title, "Bamada", known=NOW - timedelta(hours=3))
    fresh = told("b", f"{title} dimanche", "AFP", "B2")
    settled = {o.key: o for o in settle([fresh], [stored], NOW)}
    assert (settled["a"].origins, settled["a"].known_at) == (("AFP",), NOW)
    assert settle([settled["b"]], [settled["a"]], NOW) == (settled["b"],)


def test_other_events_and_short_titles_are_not_taken_for_copies() -> None:
    rows = [
        told("a", "Attaque à Kati", "Bamada"),
        told("b", "Attaque à Kati", "RFI"),
        told("c", "Un convoi de carburant attaqué près de Sikasso", "VOA"),
    ]
    assert {o.origins for o in settle(rows, [], NOW)} == {("Bamada",), ("RFI",), ("VOA",)}


def test_the_shipped_list_is_sound() -> None:
    found, faults = check(texts()["feeds.yaml"])
    assert faults == ()
    source = all_sources(texts())["feeds"]
    assert len(source.core_parts) >= 6
    assert set(source.core_parts) <= {feed.id for feed in found if not feed.off}
    assert {i for i in source.indicators if i not in context(NOW).indicators} == set()


def test_every_fault_of_a_list_is_told_with_its_place() -> None:
    _, faults = check(
        "feeds:\n  - {id: a, url: ftp://x, outlet: A}\n  - {id: b, url: 'https://b', outlet: B, graed: C3}\n  - {id: b, url: 'https://b', outlet: B}\n"
    )
    assert {fault.line for fault in faults} >= {2, 3}
    with pytest.raises(ConfigError, match=r"feeds\.yaml:2:"):
        load("feeds:\n  - {id: a, url: ftp://x, outlet: A}\n")


@pytest.mark.parametrize("seed", range(5))
def test_damaged_feeds_never_raise(seed: int) -> None:
    bodies = (WORDPRESS, ATOM, RDF)
    for content in mutated(bodies[seed % 3], 100, seed):
        assert parse(content, context(NOW)).outcome in {"ok", "no_data", "error", "schema_changed", "blocked"}


def test_a_character_beyond_all_characters_stops_nobody() -> None:
    content = (
        b"<rss version='2.0'><channel><title>&#99999999999;</title><item><title>&#99999999999</title></item>"
    )
    assert parse(content, context(NOW)).outcome in {"ok", "no_data", "error", "schema_changed"}


def pages_of(*days: int) -> bytes:
    items = "".join(
        f"<item><title>Mali : des citernes incendiées près de Kita ({day})</title><guid>{day}</guid>"
        f"<pubDate>{datetime(2025, 10, day, 6, tzinfo=UTC):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for day in days
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
    )


async def caught_up(web: Web, read_last: datetime, *pages: bytes) -> tuple[Collected, list[str]]:
    web.on("/blog", *(body(page, "application/rss+xml") for page in pages))
    blog = Feed(id="blog", url=f"{web.address}/blog", outlet="Blog", local=True, core=True, older="paged")
    had = {"noted:read": Validators(noted=f"blog={read_last:%Y%m%dT%H%M%S}")}
    return await poll(configured([blog]), had), [asked.target for asked in web.asked]


async def test_after_an_outage_older_pages_are_read_back_to_the_last_good_poll(web: Web) -> None:
    told, asked = await caught_up(
        web, NOW - timedelta(days=4), pages_of(20, 19), pages_of(18, 17), pages_of(16, 15), pages_of(14)
    )
    assert asked == ["/blog", "/blog?paged=2", "/blog?paged=3"]
    assert sorted(o.occurred_at.day for o in told.observations) == [15, 16, 17, 18, 19, 20]
    assert {o.key.partition(":")[0] for o in told.observations} == {"blog"}
    assert told.validators["noted:read"].noted == f"blog={NOW:%Y%m%dT%H%M%S}"


@pytest.mark.parametrize(
    ("hours", "pages"),
    [
        (2, [pages_of(20, 19)]),  # nothing was missed
        (96, [pages_of(20, 12)]),  # the first page reaches so far
        (96, [pages_of(20, 19), pages_of(20, 19)]),  # the outlet has no older pages and gives the same again
        (96, [pages_of(20, 19), b"<html>404</html>"]),
    ],
)
async def test_no_more_pages_are_asked_for_than_there_are_or_are_needed(
    web: Web, hours: int, pages: list[bytes]
) -> None:
    told, asked = await caught_up(web, NOW - timedelta(hours=hours), *pages)
    assert len(asked) == len(pages)
    assert (told.poll.outcome, len(told.observations)) == ("ok", 2)
