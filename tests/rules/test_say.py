"""One plain sentence per rule."""

import pytest
from warn.rules.measures import MEASURES
from warn.rules.rule import Rule
from warn.rules.say import say

from tests.rules.folder import loaded, places, registry, shipped
from tests.rules.test_load import rule, sound


def sentence(lang: str, measure: str, **more: str) -> str:
    return say(sound(rule("a", measure, **more))["a"].rule, lang, registry(), places())


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
    assert "une alerte par corridor" in said
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
