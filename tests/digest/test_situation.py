from dataclasses import replace

from jinja2 import Environment
from warn.digest.compose import compose_digest
from warn.digest.facts import AlertFacts
from warn.digest.situation import situation
from warn.model import Level

from tests.digest import world

ALERT = world.OCTOBER[0]


def with_state(**more: object) -> AlertFacts:
    return replace(ALERT, state=replace(ALERT.state, **more))  # type: ignore[arg-type]  # fields by name


def test_the_situation_is_the_highest_level_of_what_counts_blind_included() -> None:
    assert situation(world.october()).level == Level.ALERT
    assert situation(world.facts(alerts=(with_state(status="blind"),))).level == Level.ALERT


def test_shadow_and_unapproved_alerts_do_not_count() -> None:
    hidden = (replace(ALERT, approved=False), replace(ALERT, text=replace(ALERT.text, mode="shadow")))
    assert situation(world.facts(alerts=hidden)).level == Level.CALM


def test_calm_needs_every_core_rule_known_and_nothing_lapsed() -> None:
    assert situation(world.quiet()).level == Level.CALM
    assert situation(world.unclear()).level is None
    assert situation(world.facts(alerts=(with_state(status="lapsed"),))).level is None
    assert situation(world.quiet(unknown_rules=frozenset({"blockade-declared"}))).level == Level.CALM


def test_unclear_never_reads_as_quiet(env: Environment) -> None:
    for channel in ("email", "telegram"):
        text = compose_digest(env, world.unclear(), world.daily(channel, now="2025-08-12T06:00")).text
        assert "Incertain" in text
        assert "rien trouvé" not in text
        assert "rien de signalé." not in text
        assert "Calme" not in text


def test_a_lapsed_alert_is_named_where_the_level_is_unclear(env: Environment) -> None:
    known = world.facts(alerts=(with_state(status="lapsed", blind_since=world.at("2025-09-20")),))
    text = compose_digest(env, known, world.daily()).text
    assert "perdu de vue ce qui était ouvert" in text
    assert "aucune alerte ouverte" not in text


def test_a_late_edition_and_a_missed_one_are_said(env: Environment) -> None:
    late = replace(world.daily(), late=True)
    text = compose_digest(env, world.october(gap=world.at("2025-10-07T06:00")), late).text
    assert "Envoyé en retard" in text
    assert "ne vous est pas parvenu" in text


def test_reports_that_await_validation_are_counted_but_not_told(env: Environment) -> None:
    asked = replace(ALERT.text, mode="approve")
    waiting = replace(ALERT, approved=False, waiting_since=ALERT.state.since, text=asked)
    text = compose_digest(env, world.facts(alerts=(waiting,)), world.daily()).text
    assert "1\u00a0signalement attend" in text or "1 signalement attend" in text
    assert "Pénurie de carburant" not in text
