"""`warn rules explain` over a real database with the facts of September 2025: the alert, and who heard of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warn import desk
from warn.app import build, study
from warn.app.trying import read_facts
from warn.errors import UsageError
from warn.model import Level, Preferences
from warn.pipeline.judge import judge, spread_all
from warn.settings import Settings
from warn.store import observations, polls, subscribers

RULES = Path(__file__).parents[2] / "rules"
END = datetime(2025, 9, 16, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    """Facts up to 16 September, judged at every midnight; holds end at six."""
    var = tmp_path_factory.mktemp("var")
    made = Settings(rules=RULES, templates=RULES.parent / "templates", var=var)
    store = build.open_database(made, upgrade=True)
    work = build.work(made, store, pictures=False)
    facts = read_facts(work.knowledge, RULES, ())
    known = [one for one in facts.observations if one.known_at <= END]
    start = datetime(2025, 9, 3, tzinfo=UTC)
    with store.write() as tx:
        for coverage in facts.coverage:
            polls.add_coverage(tx, coverage)
        for name, level in (("s-early", Level.TENSION), ("s-late", Level.CRISIS)):
            who = Preferences(least_level=level, digest_at=None)
            subscribers.add_pending(tx, work.vault, "email", f"{name}@example.org", who, start, name)
            subscribers.confirm(tx, name, start)
    now = start
    while now <= END:
        with store.write() as tx:
            observations.ingest(tx, [one for one in known if now - 6 * HOUR < one.known_at <= now], now)
        judge(work, now)
        spread_all(work, now)
        now += 6 * HOUR
    store.close()
    return made


def told(
    settings: Settings, target: str = "convoy-attacks", reader: str | None = None, lang: str = "en"
) -> str:
    return study.explain_alert(settings, target, END, reader, None, lang).text(lang)


def test_the_alert_is_explained_as_the_reference_text_does(settings: Settings):
    text = told(settings)
    for line in (
        "alert 3/4 since 2025-09-14 00:00Z",
        "unchanged since the alert opened; mode live",
        "WHY LEVEL 3",
        "[ALERT AT 2]",
        "within 35 km of any corridor",
        "confirmed by 2 origins, or by a curator's grade of B2 or better",
        "2 origins: RFI, Reuters. Grade B1, set by a curator. Precision: town",
        "2 reports merged (same kind, place and days); 20-40",
        "! source dated 15 Sep, after its known_at (14 Sep): check known_at",
        'yes, the whole window was watched: the value is 3, not "3 or more"',
        "down  with nothing new: 1 from 11 Oct, so eased to tension on 18 Oct (7 d)",
        "0 from 12 Oct, so closed on 26 Oct (14 d)",
        "kept open by fuel-shortage: no, it never had data",
        "report of 13 Sep became known",
    ):
        assert line in text, f"{line}\n---\n{text}"


def test_an_alert_is_found_by_its_number_and_a_wrong_name_is_refused(settings: Settings):
    number = told(settings).split()[1]
    assert told(settings, number) == told(settings)
    with pytest.raises(UsageError, match="neither a rule nor the number") as refused:
        told(settings, "convoys")
    assert refused.value.said("fr").startswith("« convoys » n'est ni une règle")


def test_a_reader_hears_why_each_change_was_told_or_not(settings: Settings):
    text = told(settings, reader="s-early")
    assert "s-early  email, fr, least level 2, at once from 3, quiet 22:00-06:00" in text
    assert "held: quiet hours, until 14/09 06:00Z" in text
    assert "told: level 3 reached (on its way since 14/09 06:00Z)" in text
    late = told(settings, reader="s-late")
    assert "not told: level 3 is below this subscriber's least level 4" in late
    assert "told: level" not in late.replace("not told: level", "")


def test_nobody_else_is_listed_and_an_unknown_reader_is_said_to_be_unknown(settings: Settings):
    assert "s-late" not in told(settings, reader="s-early")
    assert "nobody has this id" in told(settings, reader="s-none")


def test_what_people_did_stands_beside_it(settings: Settings):
    number = told(settings).split()[1]
    store = build.open_database(settings)
    desk.act(store, "ack", desk.Request("telegram:77", [number], END - HOUR))
    store.close()
    assert (
        "2025-09-16 05:00Z  acknowledged: no reminder, nobody else told until it rises (telegram:77)"
        in told(settings)
    )
    assert "CE QUI A ÉTÉ FAIT" in told(settings, lang="fr")


def test_french_speaks_french(settings: Settings):
    text = told(settings, reader="s-early", lang="fr")
    for words in (
        "QUI L'A SU",
        "retenu\u00a0: heures de silence",
        "donnée par un curateur",
        "dit\u00a0: niveau 3 atteint",
    ):
        assert words in text, words
    for words in ("quiet hours", "reached", "became known", "origins:"):
        assert words not in text, words
