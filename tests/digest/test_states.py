"""What a state is called, and that no text says more of it than is known."""

from dataclasses import replace

import pytest
from jinja2 import Environment
from warn.digest import compose
from warn.digest.facts import AlertFacts
from warn.digest.text import units
from warn.model import Level, Message

from tests.digest import world


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def test_a_shortage_that_ended_days_ago_is_not_called_not_reported(env: Environment) -> None:
    over = world.event("fuel_shortage_report", "2025-09-02", "Bamako", 12.64, -8.0)
    september = world.september()

    def told(*more: object) -> str:
        known = replace(september, observations=(*september.observations, *more))  # type: ignore[arg-type]
        return compose.compose_alert(env, known, world.SEPTEMBER, world.variant()).text

    assert "Non signalé" in told()
    assert "Non signalé" not in told(over)
    assert "Non signalé" in told(replace(over, occurred_at=world.at("2025-06-02")))


@pytest.mark.parametrize(
    ("lang", "unknown", "todo"),
    [("fr", "Non signalé à ce jour : ", "À faire : "), ("en", "Not reported so far: ", "What to do: ")],
)
@pytest.mark.parametrize("much", range(50, 450, 50))
def test_what_is_not_known_is_said_however_little_room_there_is(
    much: int, lang: str, unknown: str, todo: str, env: Environment
) -> None:
    """All else is shortened or left out first; of that the newest report goes before what to do."""
    text = crowded(much, lang, env)
    assert unknown in text
    assert text.count(unknown) == 1
    assert "(RFI)" not in text or todo in text
    assert units(text) <= 600


def crowded(much: int, lang: str, env: Environment) -> str:
    """An alert whose rule has so much to say."""
    long = "des mots qui tiennent de la place " * 20
    rule = replace(
        world.CONVOYS,
        expect={lang: f"{long[:much]}. {long[:much]}."},
        advice={lang: {"resident": f"{long[:much]}. {long[:much]}."}},
    )
    alert = replace(world.SEPTEMBER, text=rule)
    return plain(compose.compose_alert(env, world.september(), alert, world.variant("telegram", lang)).text)


def test_where_a_headline_has_no_room_what_happened_is_named_with_who_said_so(env: Environment) -> None:
    texts = [crowded(much, "fr", env) for much in range(20, 150)]
    headline, named = "« Citernes brûlées", "14 septembre, une attaque de convoi, Lakamané (RFI)."
    assert headline in texts[0]
    assert headline not in texts[-1]
    assert any(named in text for text in texts)


def road(alert: AlertFacts, **more: object) -> AlertFacts:
    """The same of one road."""
    rule = replace(alert.text, title={"fr": "Attaques sur un axe", "en": "Attacks on one road"})
    keys = {"corridor": {"fr": "axe Kayes-Bamako", "en": "Kayes-Bamako road"}}
    by = (("corridor", "kayes"),)
    return replace(alert, text=rule, keys=keys, state=replace(alert.state, by=by, **more))  # type: ignore[arg-type]


def eased() -> AlertFacts:
    gone = road(world.OCTOBER[1])
    return replace(gone, history=gone.history[:3])


@pytest.mark.parametrize(
    ("lang", "name", "head"),
    [
        ("fr", "attaques sur un axe (Kayes-Bamako)", "ABAISSÉE : Tension 2/4 - Attaques sur un axe (Kayes-Bamako)"),
        ("en", "attacks on one road (Kayes-Bamako)", "DOWN TO Tension 2/4 - Attacks on one road (Kayes-Bamako)"),
    ],
)  # fmt: skip
def test_what_is_told_of_a_road_names_the_road_in_head_and_subject(
    lang: str, name: str, head: str, env: Environment
) -> None:
    known = world.facts(alerts=(eased(),))
    sent = compose.compose_alert(env, known, eased(), world.variant("email", lang))
    assert plain(sent.text.split("\n")[0]) == head
    assert sent.subject.endswith(f" - {name}")
    lost = replace(eased(), state=replace(eased().state, status="blind", blind_since=known.now))
    told = compose.compose_blind(env, replace(known, exercise=True), (lost,), world.variant("email", lang))
    assert "Kayes-Bamako" in told.text.split("\n")[0]
    assert "Kayes-Bamako" in told.subject
    assert len(told.subject) <= 70


def test_an_easing_says_what_else_is_in_force(env: Environment) -> None:
    def told(*others: AlertFacts) -> str:
        known = world.facts(alerts=(eased(), *others))
        return plain(compose.compose_alert(env, known, eased(), world.variant()).text)

    assert "Reste en vigueur : alerte 3/4, pénurie de carburant." in told(world.OCTOBER[0])
    assert "Reste en vigueur" not in told()
    rest = [
        replace(world.OCTOBER[0], state=replace(world.OCTOBER[0].state, rule=f"other-{n}")) for n in range(4)
    ]
    assert "Reste en vigueur : 4 alertes, dont : alerte 3/4, pénurie de carburant" in told(*rest)


def test_the_end_of_one_alert_is_no_all_clear_while_another_stands_as_high(env: Environment) -> None:
    over = road(world.OCTOBER[1], status="closed", level=Level.CALM)
    over = replace(over, history=(world.move("convoy-attacks", "2025-10-08", "closed", 0, 3, world.ONE),))

    def sent(*others: AlertFacts) -> Message:
        known = world.facts(alerts=(over, *others))
        return compose.compose_all_clear(env, known, over, world.variant("email"))

    assert sent(world.OCTOBER[0]).text.startswith("TERMINÉE - Attaques sur un axe (Kayes-Bamako)\n")
    assert sent(world.OCTOBER[0]).subject.endswith("Kayes-Bamako, alerte terminée")
    assert sent(world.OCTOBER[2]).text.startswith("FIN D'ALERTE - Attaques sur un axe (Kayes-Bamako)\n")


def test_the_block_to_paste_marks_what_nobody_sees_any_more(env: Environment) -> None:
    lost = replace(eased(), state=replace(eased().state, status="blind", blind_since=world.at("2025-10-07")))
    text = compose.compose_digest(env, world.facts(alerts=(lost,)), world.daily()).text
    block = plain(text.partition("ALERTES")[0])
    assert "2/4 Attaques sur un axe (Kayes-Bamako) (sans nouvelles)" in block


def test_what_is_lost_from_view_is_told_with_the_day_of_its_last_reading(env: Environment) -> None:
    row = world.event("power_hours", "2025-10-20", "Bamako", 12.64, -8.0, value=6.0)
    rule = replace(world.SHORTAGE, id="power-hours", indicators=("power_hours",), family="power",
                   title={"fr": "Heures de courant", "en": "Hours of power"})  # fmt: skip
    stands = replace(world.OCTOBER[0].state, status="blind", blind_since=world.at("2025-11-03"))
    lost = replace(world.OCTOBER[0], text=rule, state=stands, evidence=world.evidence(6, 6, (row,)))
    for rows, said in (
        ((row,), "heures de courant (dernier relevé 6 h par jour le 20/10). Aucun relevé depuis 15 jours."),
        ((), "heures de courant. Aucun relevé depuis 1 jour."),
    ):
        known = world.facts("2025-11-04T06:00", alerts=(lost,), observations=rows)
        assert said in plain(compose.compose_blind(env, known, (lost,), world.variant()).text)


def test_an_alert_that_is_blind_as_it_opens_is_told_as_new_with_its_fact(env: Environment) -> None:
    first = world.OCTOBER[0]
    blind = replace(first, state=replace(first.state, status="blind", blind_since=world.at("2025-10-08")))
    for channel in ("email", "telegram"):
        known = world.facts(alerts=(blind,))
        sent = compose.compose_digest(env, known, world.daily(channel))
        group = plain(sent.text).casefold().partition("nouvelle")[2].partition("relevée, abaissée")[0]
        assert "pas entièrement connu" in group
        assert "beaucoup de stations fermées" in group
        assert "1 nouvelle" in sent.subject
    later = world.facts("2025-10-09T07:00", alerts=(blind,), observations=known.observations)
    assert "Sans nouvelles" in compose.compose_digest(env, later, world.daily("telegram")).text


@pytest.mark.parametrize(("end", "said"), [("2025-10-08T03:00", "0"), ("2025-10-07T06:00", "au moins 0")])
def test_a_count_over_a_window_with_holes_is_at_least(end: str, said: str, env: Environment) -> None:
    until = {"fuel_shortage_report": ((world.at("2025-07-01"), world.at(end)),)}
    known = world.facts(watched=until, observations=(), indicators_shown=("fuel_shortage_report",), rules={})
    text = plain(compose.compose_digest(env, known, world.daily("telegram")).text)
    assert f"14 jours : {said}." in text.partition("Chiffres")[2]


def test_sources_are_not_said_to_be_all_read_while_a_core_rule_is_unknown_for_want_of_them(
    env: Environment,
) -> None:
    read = (replace(world.SOURCES[0], good_at=world.at("2025-10-08T05:40")),)

    def told(*unknown: str) -> str:
        known = world.facts(sources=read, unknown_rules=frozenset(unknown))
        return plain(compose.compose_digest(env, known, world.daily()).text)

    assert "Sources lues : toutes celles" in told()
    assert "Sources lues : toutes celles" not in told("convoy-attacks")
    assert "elles ne couvrent pas tout" in told("convoy-attacks")


def test_where_the_newest_report_ends_the_state_its_end_is_what_is_told(env: Environment) -> None:
    again = world.event(
        "fuel_recovery_report", "2025-10-07", "Bamako", 12.64, -8.0, origins=("SeneNews",), title="Stations rouvertes"
    )  # fmt: skip
    proof = world.evidence(0, 1, (again,), tree={"measure": "state"})
    moved = world.move("fuel-shortage", "2025-10-08", "updated", 3, 3, proof)
    was = world.OCTOBER[0]
    over = replace(was, evidence=proof, history=(*was.history, moved))
    known = world.facts(alerts=(over,), observations=(again,), readings={"fuel-shortage": proof})
    told = plain(compose.compose_digest(env, known, world.daily("telegram")).text)
    assert "Pénurie de carburant, fin signalée :" in told
    assert "La fin en est signalée (SeneNews) ; sauf démenti, cette alerte se termine 3 jours après." in told
    assert "en cours" not in told
    later = replace(known, now=world.at("2025-10-10T06:00"), since=world.at("2025-10-09T06:00"))
    told = plain(compose.compose_digest(env, later, world.daily("telegram")).text)
    assert "fin signalée : la fin en est signalée (SeneNews)" in told
    assert "Le niveau tient" not in told
    message = plain(compose.compose_update(env, known, over, world.variant()).text)
    assert "Pourquoi : la fin en est signalée (SeneNews)" in message
    assert "En cours" not in message
