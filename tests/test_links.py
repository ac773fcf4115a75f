"""Links prove what they say, for one purpose, as long as they say, under any key of the rotation."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warn.links import LinkError, join_code, read, read_join_code, read_reader_token, reader_token, sign
from warn.model import Placeholder

NOW = datetime(2025, 10, 8, 6, tzinfo=UTC)
OLD, NEW = "a key of last year", "a key of this year"
SUBSCRIBERS = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-", min_size=1, max_size=36)


def test_a_link_gives_back_what_was_signed_until_it_expires():
    token = sign([NEW], "confirm", {"subscriber": "s1"}, NOW + timedelta(hours=48))
    assert read([NEW], "confirm", token, NOW + timedelta(hours=47)) == {"subscriber": "s1"}
    with pytest.raises(LinkError) as raised:
        read([NEW], "confirm", token, NOW + timedelta(hours=48))
    assert raised.value.kind == "expired"


def test_a_link_without_expiry_stays_good():
    token = sign([NEW], "known", {"subscriber": "s1"})
    assert read([NEW], "known", token, NOW + timedelta(days=3650)) == {"subscriber": "s1"}


def test_a_link_is_good_for_its_purpose_only():
    token = sign([NEW], "confirm", {"subscriber": "s1"})
    with pytest.raises(LinkError) as raised:
        read([NEW], "known", token, NOW)
    assert raised.value.kind == "bad"


def test_after_a_key_rotation_old_links_still_open_and_new_ones_use_the_new_key():
    old = sign([OLD], "confirm", {"n": 1})
    new = sign([NEW, OLD], "confirm", {"n": 2})
    assert read([NEW, OLD], "confirm", old, NOW) == {"n": 1}
    assert read([NEW], "confirm", new, NOW) == {"n": 2}
    with pytest.raises(LinkError):
        read([OLD], "confirm", new, NOW)


@pytest.mark.parametrize("token", ["", "x", "é", "a.b", "..", "{}.abc", Placeholder, "a" * 5000])
def test_anything_else_is_one_plain_refusal(token):
    with pytest.raises(LinkError):
        read([NEW], "confirm", token, NOW)
    with pytest.raises(LinkError):
        read_reader_token([NEW], token)


@given(SUBSCRIBERS)
def test_a_reader_token_takes_exactly_the_seat_of_the_placeholder(subscriber):
    token = reader_token([NEW], subscriber)
    assert len(token) == len(Placeholder)
    assert re.fullmatch(r"[A-Za-z0-9_-]+[a-z0-9]", token), (
        "needs escaping, or is cut by programs that make links"
    )
    assert read_reader_token([NEW], token) == subscriber


@given(SUBSCRIBERS, st.integers(0, len(Placeholder) - 1), st.sampled_from("Aa0-_."))
def test_a_reader_token_with_one_other_character_is_refused(subscriber, place, other):
    token = reader_token([NEW], subscriber)
    changed = token[:place] + other + token[place + 1 :]
    if changed != token:
        with pytest.raises(LinkError):
            read_reader_token([NEW], changed)


def test_reader_tokens_survive_a_key_rotation_and_not_a_key_withdrawal():
    token = reader_token([OLD], "s1")
    assert read_reader_token([NEW, OLD], token) == "s1"
    with pytest.raises(LinkError):
        read_reader_token([NEW], token)


@pytest.mark.parametrize("subscriber", ["", "a b", "a.b", "a" * 37, "é", "a\n"])
def test_an_id_that_does_not_fit_the_seat_is_refused_when_signing(subscriber):
    with pytest.raises(ValueError, match="subscriber id"):
        reader_token([NEW], subscriber)


def test_a_code_for_a_chat_fits_its_seat_and_gives_back_the_subscriber_until_it_expires():
    code = join_code([NEW], "0123456789abcdef", NOW + timedelta(minutes=15))
    assert re.fullmatch(r"[A-Za-z0-9_-]+", code)
    assert len(f"mail-{code}") <= 64
    assert read_join_code([NEW, OLD], code, NOW + timedelta(minutes=14)) == "0123456789abcdef"
    assert read_join_code([OLD, NEW], code, NOW) == "0123456789abcdef", "under any key of the rotation"
    with pytest.raises(LinkError) as raised:
        read_join_code([NEW], code, NOW + timedelta(minutes=15))
    assert raised.value.kind == "expired"
    with pytest.raises(LinkError):
        read_join_code([OLD], code, NOW)
    with pytest.raises(ValueError, match="too long"):
        join_code([NEW], "s" * 24, NOW)


@given(st.text(max_size=70))
def test_no_other_text_is_a_code(text):
    code = join_code([NEW], "0123456789abcdef", NOW + timedelta(minutes=15))
    for wrong in (text, code + text, text + code, code[1:], code.swapcase(), code[:-1] + "é"):
        if wrong != code:
            with pytest.raises(LinkError):
                read_join_code([NEW], wrong, NOW)
