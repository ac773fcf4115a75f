"""One plain sentence per rule."""

import pytest
from warn.rules.measures import MEASURES
from warn.rules.rule import Rule
from warn.rules.say import say

from tests.rules.folder import loaded, places, registry, shipped
from tests.rules.test_load import rule, sound


def sentence(lang: str, measure: str, ladder: str = "{tension: 1, alert: 2}", **more: str) -> str:
    text = rule("a", measure, **more).replace("{tension: 1, alert: 2}", ladder)
    return say(sound(text)["a"].rule, lang, registry(), places())


CONVOYS = "{count: convoy_attack, near: roads, over: 14d, confirmed_by: {origins: 2, grade: B2}}"


def test_the_french_sentence_adds_durations_up():
    said = sentence("fr", CONVOYS, clears_at="0", clears_after="14d")
    assert said == (
        "Alerte dès 2 attaques de convois (confirmation exigée) à moins de 35\u00a0km d'un axe en 14\u00a0jours\u00a0; "
        "tension dès 1\u00a0; tension au plus sur des faits non confirmés\u00a0; s'allège 48\u00a0h après\u00a0; "
        "se ferme au plus tôt 28\u00a0jours après le dernier fait\u00a0; perdue de vue après 14\u00a0jours sans nouvelles."
    )


def test_the_english_sentence_says_the_same():
    said = sentence("en", CONVOYS, clears_at="0", clears_after="14d")
    assert said.startswith(
        "Alert at 2 or more attacks on convoys (confirmed) within 35\u00a0km of a road in 14\u00a0days; tension"
    )
    assert "closes 28\u00a0days after the last event at the earliest" in said


def test_who_must_agree_and_what_keeps_it_open_is_said():
    said = sentence("fr", CONVOYS, mode="approve", by="[corridor]") + sentence("en", CONVOYS, mode="shadow")
    assert "une personne donne d'abord son accord" in said
    assert "une alerte par axe" in said
    assert "only logged, told to nobody" in said


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("kind", list(MEASURES))
def test_every_measure_has_its_words(kind: str, lang: str):
    from_text = loaded({"a.yaml": "rules:\n" + rule("a", "{count: convoy_attack, over: 7d}")})[0]
    assert from_text is not None
    raw = from_text["a"].rule.model_dump(exclude={"measure"}) | {"measure": _parsed(MEASURES[kind].example)}
    said = say(Rule.model_validate(raw), lang, registry(), places())
    assert said.endswith(".")
    assert "{" not in said


def _parsed(text: str) -> object:
    from warn.documents import read

    return read(f"measure: {text}", "x").data["measure"]


def test_every_shipped_rule_can_be_said_in_both_languages():
    rules, _ = loaded(shipped())
    assert rules is not None
    assert all(say(one.rule, lang, registry(), places()) for one in rules for lang in ("fr", "en"))


def test_reminders_and_who_is_told_for_want_of_an_answer_are_said():
    keys = {"repeat_every": "12h", "escalate": "[{after: 24h, to: direction}]"}
    told = sentence("en", CONVOYS, **keys)
    assert "told again after 12\u00a0h, then ever more rarely" in told
    assert "after 24\u00a0h without an answer told to direction" in told
    assert "sans réponse après 24\u00a0h, dite à direction" in sentence("fr", CONVOYS, **keys)


def test_one_is_said_in_the_singular_in_french():
    stopped = "{count: convoy_disruption, over: 21d}"
    said = sentence("fr", stopped, ladder="{tension: 1}")
    assert said.startswith("Tension dès un convoi arrêté ou retardé en 21\u00a0jours\u00a0;")
    assert sentence("en", stopped, ladder="{tension: 1}").startswith(
        "Tension at 1 or more convoys stopped or delayed in"
    )
    measure = "{families: {at: alert, over: 7d}}"
    assert "dès 1 famille d'indicateurs" in sentence("fr", measure, ladder="{alert: 1}")
    assert "dès 2 familles d'indicateurs" in sentence("fr", measure, ladder="{alert: 2}")


def test_what_no_number_can_stand_before_is_said_in_other_words():
    said = sentence("en", "{count: [health_shortage, humanitarian_access, abduction], over: 21d}")
    assert (
        "at 2 or more shortages reported in health care, obstacles to humanitarian access or abductions"
        in said
    )
    level = sentence("en", "{max: travel_advice_level, over: 7d}", ladder="{watch: 4}", clears_at="3")
    assert level.startswith("Watch at 4 or more (travel advice level, highest report)")


def test_no_id_and_no_attribute_of_the_files_is_left_in_a_sentence_of_the_shipped_rules():
    rules, _ = loaded(shipped())
    assert rules is not None
    words = {*(name for name in rules.by_id if "-" in name), "product", "commodity", "corridor", "admins"}
    for lang in ("fr", "en"):
        for one in rules:
            said = say(one.rule, lang, registry(), places(), rules.titles())
            left = {word.strip(" .;,'") for word in said.split()} & words
            assert left <= ({"product"} if lang == "en" else set()), said
    convoys = say(rules["convoy-attacks"].rule, "fr", registry(), places(), rules.titles())
    assert "jamais tant que l'alerte «\u00a0Pénurie de carburant\u00a0» ou «\u00a0" in convoys
    prices = say(rules["black-market-ratio"].rule, "fr", registry(), places(), rules.titles())
    assert "une alerte par produit" in prices
