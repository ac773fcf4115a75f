"""Text from outside: what becomes a link by itself in a chat or a mail program is broken, and nothing else."""

from __future__ import annotations

import re

import pytest
from warn.digest.text import JOINER, clean, defang

# What programs look for. Telegram's rules for names and numbers, and those of phones' mail programs, both loosely.
NAMED = re.compile(r"(?i)[^\W_][\w-]*\.(?:[^\W\d_]{2,}|xn--\w+)")
NUMBER = re.compile(r"\+\d|(?:\d[\s.\-/()]{0,2}){7}")
IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


@pytest.mark.parametrize(
    "hostile",
    ["evil.ml", "http://evil.ml/x", "пример.рф", "EXÄMPLE.ÖST", "उदाहरण.भारत", "例え.テスト", "xn--e1afmkfd.xn--p1ai", "bank.рф/login", "awa@пример.рф",
     "a.bäk", "例え。テスト", "192.0.2.7", "192.0.2.7:8080/x"],
)  # fmt: skip
def test_no_name_in_whatever_script_becomes_a_link(hostile: str) -> None:
    said = clean(f"Attaque à Kati, voir {hostile} vite")
    assert not NAMED.search(said)
    assert not IPV4.search(said)
    assert "。テ" not in said
    assert said.replace(JOINER, "") == f"Attaque à Kati, voir {hostile} vite", "the same to the eye"


@pytest.mark.parametrize(
    "number",
    ["+22370001122", "+223 70 00 11 22", "0022370001122", "70 00 11 22", "70001122", "70-00-11-22", "(223) 20.22.33.44", "+223\u00a070\u00a000\u00a011\u00a022",
     "+1-212-555-0123", "4111 1111 1111 1111", "٠٧٠٠٠١١٢٢"],
)  # fmt: skip
def test_no_telephone_number_can_be_tapped(number: str) -> None:
    said = clean(f"Carburant au {number}, appelez")
    assert not NUMBER.search(said)
    assert said.replace(JOINER, "") == f"Carburant au {number}, appelez"


@pytest.mark.parametrize(
    "plain",
    ["Plus de 2 000 camions, 700 FCFA le litre", "Le 7 octobre 2025, 34 jours après", "fin... La suite", "N.B. : 3.5 h", "entre 25 000 et 40 000", "à 6 h. Puis plus rien"],
)  # fmt: skip
def test_what_is_neither_stays_as_it_was_written(plain: str) -> None:
    assert defang(plain) == plain
