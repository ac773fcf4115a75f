"""What comes back by mail: which delivery it was, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warn.channels.dsn import read_dsn
from warn.channels.email import EmailChannel, EmailConfig
from warn.channels.verp import read_verp, verp

from tests.channels.parcels import mail
from tests.fakes.smtp import smtp_relay

KEYS = ("newest key of the tests", "older key of the tests")


def notice(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    code: str = "550 5.1.1 <reader@example.net> no such user",
) -> bytes:
    """As Postfix writes it."""
    return (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net\r\nTo: {to}\r\nSubject: Undelivered\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not go.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; awa@example.net\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {code}\r\n\r\n--b\r\nContent-Type: message/rfc822-headers\r\n\r\n"
        f"Subject: Bulletin\r\n\r\n--b--\r\n"
    ).encode()


def test_a_notice_names_its_delivery_by_the_address_it_was_sent_to():
    found = read_dsn(notice(verp(KEYS[1], 4711, "bounce.example.org")), KEYS)
    assert found is not None
    assert (found.delivery, found.status) == (4711, "5.1.1")
    assert "no such user" in found.said
    assert "reader@" not in found.said


def test_a_notice_is_kept_without_the_name_of_its_reader():
    found = read_dsn(notice(verp(KEYS[0], 1, "b.org"), code='550 5.1.1 unknown user: "awa"'), KEYS)
    assert found is not None
    assert found.said == 'smtp; 550 5.1.1 unknown user: "[hidden]"'


def test_a_forged_address_names_nobody():
    forged = verp("a stranger's key", 4711, "bounce.example.org")
    found = read_dsn(notice(forged), KEYS)
    assert found is not None
    assert found.delivery is None


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_what_is_no_failure_is_no_bounce(action):
    assert read_dsn(notice(verp(KEYS[0], 1, "b.org"), action=action), KEYS) is None


def test_a_remark_behind_the_action_hides_no_failure():
    assert read_dsn(notice(verp(KEYS[0], 1, "b.org"), action="Failed (permanent)"), KEYS) is not None


def test_a_notice_for_addresses_in_other_letters_is_read():
    raw = notice(verp(KEYS[0], 7, "b.org")).replace(b"message/delivery", b"message/global-delivery")
    found = read_dsn(raw.replace(b"rfc822; awa@", "utf-8; kéïta@".encode()), KEYS)
    assert found is not None
    assert (found.delivery, found.status) == (7, "5.1.1")


def test_a_bare_status_is_made_precise_by_the_diagnostic():
    found = read_dsn(notice(verp(KEYS[0], 1, "b.org"), status="5.0.0", code="552 5.2.2 over quota"), KEYS)
    assert found is not None
    assert found.status == "5.2.2"


def test_a_policy_that_the_diagnostic_names_is_the_reason_whatever_the_status_says():
    found = read_dsn(notice(verp(KEYS[0], 1, "b.org"), code="550 5.7.1 blocked as spam"), KEYS)
    assert found is not None
    assert found.status == "5.7.1"


def report(kind: str, sender: str) -> bytes:
    """Feedback (ARF) as a provider writes it."""
    return (
        "From: fbl@example.net\r\nTo: abuse@example.org\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSpam.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: {kind}\r\nOriginal-Mail-From: <{sender}>\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize("kind", ["abuse", "Abuse (by hand)", "fraud", "opt-out"])
def test_a_complaint_is_told_from_a_bounce(kind):
    found = read_dsn(report(kind, verp(KEYS[0], 12, "b.org")), KEYS)
    assert found is not None
    assert (found.delivery, found.status) == (12, "complaint")


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus", "other", "dmarc", ""])
def test_feedback_that_does_not_call_it_unwanted_is_no_complaint(kind):
    assert read_dsn(report(kind, verp(KEYS[0], 12, "b.org")), KEYS) is None


def test_an_answer_of_a_person_is_no_bounce():
    assert read_dsn(b"From: awa@example.net\r\nSubject: Merci\r\n\r\nMerci !\r\n", KEYS) is None


@given(st.binary(max_size=400))
def test_whatever_the_bytes_it_ends(raw):
    assert read_dsn(raw, KEYS) is None
    base = notice(verp(KEYS[0], 1, "b.org"))
    read_dsn(base[: len(raw)] + raw + base[len(raw) :], KEYS)


@given(st.integers(min_value=0, max_value=10**17))
def test_an_envelope_sender_reads_back_in_any_case(number):
    assert read_verp(KEYS, verp(KEYS[0], number, "bounce.example.org").upper()) == number


async def test_each_delivery_has_an_envelope_sender_of_its_own():
    async with smtp_relay() as relay:
        config = EmailConfig(
            "127.0.0.1", "Alertes <a@example.org>", "https://e.org", port=relay.port, security="none",
            bounce_domain="bounce.example.org", bounce_key=KEYS[0],
        )  # fmt: skip
        post = EmailChannel(config)
        for number in (1, 2):
            await post.send(mail(id=number, key=str(number)))
        await post.close()
    assert [read_verp(KEYS, one.sender) for one in relay.mails] == [1, 2]
    assert all(one.sender.endswith("@bounce.example.org") for one in relay.mails)
    assert b"From: Alertes Bamako" in relay.mails[0].content
