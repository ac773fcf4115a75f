"""Morning, evening and weekly editions, each to its readers at their hour."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from warn import desk
from warn.app.folders import template_texts
from warn.digest.languages import environment
from warn.model import Preferences
from warn.store import subscribers

from tests.app.running import ROOT
from tests.fakes.smtp import HANG_UP
from tests.pipeline.city import EAGER, NOON, SHORTAGE, City, city

FRIDAY_EVENING = NOON.replace(hour=18)
MONDAY = NOON.replace(day=23, hour=7)


def told(bamako: City) -> list[tuple[str, str, str]]:
    """(to whom, title, the whole text) of every mail so far."""
    read = [
        email.message_from_bytes(mail.content, policy=email.policy.default) for mail in bamako.relay.mails
    ]
    texts = ["\n".join(_plain(one).splitlines()) for one in read]
    titles = [next(line for line in text.splitlines() if line.startswith("BULLETIN")) for text in texts]
    return [(str(one["To"]), title, text) for one, title, text in zip(read, titles, texts, strict=True)]


def _plain(letter: Any) -> str:
    return str(letter.get_body(("plain",)).get_content())


async def hours(bamako: City, start: datetime, count: int) -> None:
    """The service's minute job, once an hour."""
    for n in range(count):
        await bamako.at(start + timedelta(hours=n, seconds=30))


async def test_each_edition_comes_to_those_who_want_it_at_their_own_hour(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        calm = Preferences(immediate_from=None)
        bamako.reader("email", "morning@example.org", calm)
        bamako.reader("email", "evening@example.org", replace(calm, digest_at=None, evening=True))
        bamako.reader(
            "email",
            "weekly@example.org",
            replace(calm, digest_at=time(8), weekly=True, timezone="Europe/Paris"),
        )
        bamako.reader("email", "none@example.org", replace(calm, digest_at=None))
        bamako.reader("telegram", "1001", replace(calm, digest_at=time(7), weekly=True, lang="en"))
        bamako.publish(SHORTAGE)
        await bamako.hear()
        bamako.clock.now = FRIDAY_EVENING
        await hours(bamako, FRIDAY_EVENING, 4)
        await hours(bamako, MONDAY - timedelta(hours=3), 4)
        sent = [(who, line) for who, line, _ in told(bamako)]
        assert sent == [
            ("evening@example.org", "BULLETIN DU SOIR DE BAMAKO - vendredi 20 novembre 2026"),
            ("morning@example.org", "BULLETIN DE BAMAKO - lundi 23 novembre 2026"),
            ("weekly@example.org", "BULLETIN HEBDOMADAIRE DE BAMAKO - lundi 23 novembre 2026"),
        ]
        (chat,) = bamako.api.taken(chat="1001")
        assert "Monday 23 Nov, 7 am" in chat["text"]


async def test_a_weekly_edition_tells_the_week_and_names_the_next_one(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        wanted = Preferences(immediate_from=None, digest_at=time(7), weekly=True)
        bamako.reader("email", "weekly@example.org", wanted)
        bamako.reader("email", "daily@example.org", replace(wanted, weekly=False))
        bamako.publish(SHORTAGE)
        await bamako.hear()
        for back in (2, 1):
            await hours(bamako, MONDAY - timedelta(days=back), 1)
        bamako.relay.mails.clear()
        await hours(bamako, MONDAY, 1)
        whole = {who: text for who, _, text in told(bamako)}
        for text in whole.values():
            assert "Pénurie" in text or "pénurie" in text
        assert "\nNOUVELLE\n" in whole["weekly@example.org"], "it began this week"
        assert "\nNOUVELLE\n" not in whole["daily@example.org"], "it began three days ago"
        assert "Prochain bulletin : lundi 30 novembre à 7" in whole["weekly@example.org"].replace(
            "\u00a0", " "
        )
        assert "Prochain bulletin : mardi 24 novembre à 7" in whole["daily@example.org"].replace(
            "\u00a0", " "
        )


async def test_an_edition_is_made_once_however_often_one_looks(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.reader("email", "a@example.org", Preferences(immediate_from=None, weekly=True, evening=True))
        for _ in range(3):
            await hours(bamako, MONDAY.replace(hour=6), 2)
        await hours(bamako, MONDAY.replace(hour=18), 2)
        assert [line.split(" - ")[0] for _, line, _ in told(bamako)] == [
            "BULLETIN HEBDOMADAIRE DE BAMAKO",
            "BULLETIN DU SOIR DE BAMAKO",
        ]


async def test_an_evening_edition_tells_what_changed_since_the_morning_to_those_who_had_one(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        both = Preferences(immediate_from=None, evening=True)
        bamako.reader("email", "both@example.org", both)
        bamako.reader("email", "other@example.org", both)
        bamako.reader("email", "evening@example.org", replace(both, digest_at=None))
        await hours(bamako, FRIDAY_EVENING, 1)
        bamako.clock.now += timedelta(minutes=1)
        bamako.publish(SHORTAGE)
        await bamako.hear()
        morning = (NOON + timedelta(days=1)).replace(hour=6)
        await hours(bamako, morning, 1)
        bamako.relay.mails.clear()
        await hours(bamako, morning.replace(hour=18), 1)
        whole = {who: text for who, _, text in told(bamako)}
        assert "Alerte 3/4, comme ce matin" in _spaced(whole["both@example.org"])
        assert "\nNOUVELLE\n" not in whole["both@example.org"], "the morning told it"
        assert _common(whole["both@example.org"]) == _common(whole["other@example.org"]), "one variant"
        assert "Alerte 3/4, contre incertain hier" in _spaced(whole["evening@example.org"])
        assert "\nNOUVELLE\n" in whole["evening@example.org"]


def _spaced(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def _common(text: str) -> list[str]:
    """Without the lines that are a reader's own."""
    return [line for line in text.splitlines() if "/r/" not in line and "/u/" not in line]


async def test_no_edition_is_said_to_be_missed_from_before_it_was_wished_for(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        reader = bamako.reader("email", "a@example.org", Preferences(immediate_from=None))
        await hours(bamako, MONDAY - timedelta(days=2), 1)
        bamako.relay.mails.clear()
        with bamako.work.store.write() as tx:
            wanted = Preferences(immediate_from=None, digest_at=None, evening=True)
            subscribers.set_preferences(tx, reader, wanted, bamako.clock.now)
        await hours(bamako, MONDAY.replace(day=21, hour=18), 1)
        ((_, title, text),) = told(bamako)
        assert title.startswith("BULLETIN DU SOIR")
        assert "ne vous est pas parvenu" not in text.replace("\u00a0", " "), "the service failed in nothing"


async def test_a_bulletin_that_cannot_be_made_holds_up_no_other_and_comes_once_it_can(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        for channel, address in (("email", "a@example.org"), ("telegram", "1001")):
            bamako.reader(channel, address, Preferences(immediate_from=None))
        whole = bamako.work.voice
        texts, catalogues = template_texts(ROOT / "templates")
        broken = environment(texts | {"telegram/digest.html": "{{ nowhere.to.be.found }}"}, catalogues)
        bamako.work.voice = replace(whole, templates=broken)
        await hours(bamako, MONDAY.replace(hour=6), 1)
        assert (len(told(bamako)), bamako.api.taken(chat="1001")) == (1, [])
        bamako.work.voice = whole
        await hours(bamako, MONDAY, 1)
        assert (len(told(bamako)), len(bamako.api.taken(chat="1001"))) == (1, 1)


async def test_a_bulletin_whose_picture_cannot_be_drawn_goes_without_it(tmp_path: Path) -> None:
    def torn(_charts: Sequence[str]) -> list[bytes]:
        raise RuntimeError("no painter left")

    async with city(tmp_path) as bamako:
        bamako.reader("email", "a@example.org", Preferences(immediate_from=None))
        bamako.work.voice = replace(bamako.work.voice, draw=torn)
        await hours(bamako, MONDAY.replace(hour=6), 1)
        assert len(told(bamako)) == 1


async def test_a_time_zone_that_does_not_load_stops_neither_its_reader_nor_anybody_else(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        lost = replace(EAGER, digest_at=time(6), timezone="Europe/Kiev_gone")
        bamako.reader("telegram", "1001", replace(lost, quiet_from=time(22), quiet_until=time(5)))
        bamako.reader("telegram", "1002", EAGER)
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await bamako.send()
        assert [len(bamako.api.taken(chat=chat)) for chat in ("1001", "1002")] == [1, 1]
        await hours(bamako, MONDAY.replace(hour=6), 1)
        assert len(bamako.api.taken(chat="1001")) == 2


SIX = NOON.replace(hour=6)  # of the day on which each of these begins
DAY = timedelta(days=1)
NOT_SENT = "ne vous est pas parvenu"


async def shortage_after_a_bulletin(bamako: City) -> None:
    """One reader of bulletins alone, who had this morning's."""
    bamako.clock.now = SIX - timedelta(hours=1)
    bamako.reader("email", "a@example.org", Preferences(immediate_from=None))
    await hours(bamako, SIX, 1)
    bamako.clock.now = NOON
    bamako.publish(SHORTAGE)
    await bamako.hear()


async def test_after_a_day_without_service_an_alert_nobody_heard_of_is_new_and_the_gap_is_named(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        await shortage_after_a_bulletin(bamako)
        bamako.relay.mails.clear()
        await hours(bamako, SIX + DAY + timedelta(hours=7), 1)
        assert not bamako.relay.mails, "too late for this day"
        await hours(bamako, SIX + 2 * DAY, 1)
        ((_, _, text),) = told(bamako)
        assert "\nNOUVELLE\n" in text
        assert "SANS CHANGEMENT" not in text
        assert f"Le bulletin du 21 novembre, 6 h, {NOT_SENT}" in _spaced(text)
        assert "contre incertain au dernier bulletin" in _spaced(text)


async def test_a_correction_in_a_day_without_service_still_reaches_the_readers_of_the_day_before(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        bamako.clock.now = SIX - timedelta(hours=3)
        bamako.reader("email", "a@example.org", Preferences(immediate_from=None))
        bamako.publish(SHORTAGE)
        await bamako.hear()
        await hours(bamako, SIX, 1)
        bamako.clock.now = SIX + timedelta(hours=7)
        asked = desk.Request("me", ("1", "deux fois la même dépêche"), bamako.clock.now, "fr")
        desk.act(bamako.work.store, "withdraw", asked)
        await hours(bamako, bamako.clock.now + timedelta(minutes=5), 1)
        bamako.relay.mails.clear()
        await hours(bamako, SIX + DAY + timedelta(hours=7), 1)
        await hours(bamako, SIX + 2 * DAY, 1)
        ((_, _, text),) = told(bamako)
        assert "LEVÉE" not in text, "it never was"
        assert "N° 1, corrigé le 20/11. Nous avions écrit :" in _spaced(text)
        assert "a été retiré ou revu" in _spaced(text)


@pytest.mark.parametrize("ending", ["expired", "dead", "uncertain"])
async def test_a_bulletin_that_never_left_counts_as_none_and_one_that_may_have_arrived_as_had(
    tmp_path: Path, ending: str
) -> None:
    async with city(tmp_path) as bamako:
        await shortage_after_a_bulletin(bamako)
        bamako.clock.now = SIX + DAY
        bamako.print_editions()
        if ending == "expired":  # the relay is away until 14 h
            bamako.clock.now += timedelta(hours=8)
        else:
            bamako.relay.say("end", "554 5.6.0 not this one" if ending == "dead" else HANG_UP)
        await bamako.send()
        assert bamako.deliveries(kind="digest")[-1]["state"] == ending
        bamako.relay.mails.clear()
        await hours(bamako, SIX + 2 * DAY, 1)
        ((_, _, text),) = told(bamako)
        lost = ending != "uncertain"
        assert ("\nNOUVELLE\n" in text, "SANS CHANGEMENT" in text) == (lost, not lost)
        assert (f"Le bulletin du 21 novembre, 6 h, {NOT_SENT}" in _spaced(text)) == lost


async def test_another_hour_brings_todays_bulletin_at_once_where_it_was_still_to_come(tmp_path: Path) -> None:
    async with city(tmp_path) as bamako:
        bamako.clock.now = SIX - DAY
        eight = Preferences(immediate_from=None, digest_at=time(8))
        reader = bamako.reader("email", "a@example.org", eight)
        await hours(bamako, SIX - DAY, 4)
        bamako.clock.now = SIX + timedelta(hours=1, minutes=30)
        with bamako.work.store.write() as tx:
            subscribers.set_preferences(tx, reader, replace(eight, digest_at=time(7)), bamako.clock.now)
        await hours(bamako, bamako.clock.now, 1)
        await hours(bamako, SIX + timedelta(hours=2), 30)
        titles = [title.rpartition(" - ")[2] for _, title, _ in told(bamako)]
        assert titles == [f"{day} novembre 2026" for day in ("jeudi 19", "vendredi 20", "samedi 21")]
        assert not any(NOT_SENT in text or "attendu à" in text for _, _, text in told(bamako)[1:])


async def test_an_evening_wished_for_after_an_outage_takes_nothing_from_the_late_morning(
    tmp_path: Path,
) -> None:
    async with city(tmp_path) as bamako:
        calm = Preferences(immediate_from=None)
        reader = bamako.reader("email", "a@example.org", calm)
        bamako.clock.now = SIX + timedelta(hours=3)
        with bamako.work.store.write() as tx:
            subscribers.set_preferences(tx, reader, replace(calm, evening=True), bamako.clock.now)
        await hours(bamako, bamako.clock.now, 1)
        ((_, title, text),) = told(bamako)
        assert title == "BULLETIN DE BAMAKO - vendredi 20 novembre 2026"
        assert "était attendu à 6 h" in _spaced(text)
