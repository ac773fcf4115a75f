"""Plain words that ask to leave, and those that only look so."""

from __future__ import annotations

import pytest
from warn.bot.farewell import wish


@pytest.mark.parametrize(
    "said",
    ["STOP", "Stop !", "stop.", "«stop»", "« arrêt »", "“ARRÊTER”", "arrête", "arrêtez", "Arrêtez svp", "Stop, please.", "stop s’il vous plaît",
     "Unsubscribe", "désabonner", "Me désabonner", "se desabonner", "De\u0301sabonner", "Désinscription", "fin", "quit", "Cancel", "stop stop stop"],
)  # fmt: skip
def test_nothing_but_a_word_that_leaves_is_leaving(said: str) -> None:
    assert wish(said.split()) == "leave"


@pytest.mark.parametrize(
    "said",
    ["Bonjour, est-ce que le bus fait un stop à Kati ?", "Is the bus stop at Kati open?", "l’arrêt de bus", "ne me désabonnez pas",
     "don’t unsubscribe me", "arrêtez-vous à Kati ?"],
)  # fmt: skip
def test_such_a_word_in_a_sentence_is_asked_back(said: str) -> None:
    assert wish(said.split()) == "perhaps"


@pytest.mark.parametrize(
    "said", ["", "?!", "merci", "la fin du blocus", "Fantastique", "quitter Bamako par la route ?"]
)
def test_other_words_are_neither(said: str) -> None:
    assert wish(said.split()) == ""
