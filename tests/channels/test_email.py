"""Mail over a real SMTP server on loopback: what arrives, and what every kind of refusal means."""

import asyncio
import email
import email.policy
import re
from dataclasses import replace
from typing import Any

import pytest
from warn.channels.email import EmailChannel, EmailConfig
from warn.errors import DeliveryError

from tests.channels.parcels import TOKEN, mail
from tests.fakes.smtp import HANG_UP, Relay, smtp_relay


def channel(relay: Relay, **changes) -> EmailChannel:
    whole: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": relay.port,
        "security": "none",
        "sender": "Alertes Bamako <alertes@example.org>",
        "web_address": "https://alertes.example.org",
        "connections": 2,
        "timeout_s": 5.0,
    }
    return EmailChannel(EmailConfig(**(whole | changes)))


async def refused(post: EmailChannel, **changes) -> DeliveryError:
    with pytest.raises(DeliveryError) as raised:
        await post.send(mail(**changes))
    return raised.value


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_mail_arrives_whole_with_the_headers_of_its_reader(pipelining):
    async with smtp_relay(pipelining=pipelining) as relay:
        post = channel(relay)
        receipt = await post.send(mail())
        await post.close()
    (sent,) = relay.mails
    assert (sent.sender, sent.recipient) == ("alertes@example.org", "lecteur@example.net")
    read = email.message_from_bytes(sent.content, policy=email.policy.default)
    assert read["To"] == "lecteur@example.net"
    assert read["Subject"] == "[Alerte 3/4] Bamako"
    assert read["List-Unsubscribe"] == f"<https://alertes.example.org/u/{TOKEN}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["List-Id"] == "<warn.example.org>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Date"] == "Mon, 15 Sep 2025 06:00:00 +0000"
    assert read["Message-ID"].endswith("@example.org>")
    assert all(len(read.get_all(name, [])) == 1 for name in ("From", "To", "Subject", "Date", "Message-ID"))
    text = read.get_content()
    assert "\n.commence par un point" in text
    assert f"/r/{TOKEN}" in text
    assert "775 FCFA" in text
    assert receipt.detail == "250"


async def test_the_same_parcel_again_is_the_same_message_and_another_is_another():
    async with smtp_relay() as relay:
        post = channel(relay)
        for key in ("a", "a", "b"):
            await post.send(mail(key=key))
        await post.close()
    first, again, other = (sent.content for sent in relay.mails)
    assert first == again
    assert first != other


async def test_without_https_no_one_click_is_promised():
    async with smtp_relay() as relay:
        post = channel(relay, web_address="http://127.0.0.1:8642")
        await post.send(mail())
        await post.close()
    assert b"List-Unsubscribe: <http://127.0.0.1:8642/u/" in relay.mails[0].content
    assert b"List-Unsubscribe-Post" not in relay.mails[0].content


async def test_an_operators_name_in_any_letters_makes_a_list_name():
    async with smtp_relay() as relay:
        post = channel(relay, list_name="Réseau d’alerte\r\nBamako")
        await post.send(mail())
        await post.close()
    assert b"List-Id: <r-seau-d-alerte-bamako.example.org>\r\n" in relay.mails[0].content


async def test_one_connection_carries_many_and_says_goodbye():
    async with smtp_relay() as relay:
        post = channel(relay)
        for number in range(5):
            await post.send(mail(key=str(number)))
        await post.close()
        await asyncio.sleep(0.05)
    assert (len(relay.mails), relay.connections, relay.commands[-1]) == (5, 1, "quit")


async def test_a_connection_is_renewed_after_a_hundred_messages():
    async with smtp_relay() as relay:
        post = channel(relay)
        for number in range(101):
            await post.send(mail(key=str(number)))
        await post.close()
    assert (len(relay.mails), relay.connections) == (101, 2)


async def test_no_more_connections_than_allowed_are_open_at_once():
    async with smtp_relay() as relay:
        post = channel(relay, connections=3)
        await asyncio.gather(*(post.send(mail(key=str(number))) for number in range(30)))
        await post.close()
    assert len(relay.mails) == 30
    assert relay.connections == 3


@pytest.mark.parametrize(
    ("stage", "answer", "kind", "code"),
    [
        ("rcpt", "450 4.2.1 the user is receiving too much", "retry", "450 4.2.1"),
        ("rcpt", "452 4.2.2 mailbox full", "retry", "452 4.2.2"),
        ("rcpt", "452 mailbox full", "retry", "452 rcpt"),
        ("rcpt", "452 too many recipients", "retry", "452"),
        ("rcpt", "553 5.6.7 no such address", "dead", "553 5.6.7"),
        ("mail", "421 4.7.28 too many from you", "retry", "421 4.7.28"),
        ("end", "451 4.3.0 try again", "retry", "451 4.3.0"),
        ("rcpt", "550 5.1.1 no such user", "gone", "550 5.1.1"),
        ("rcpt", "550 5.1.10 null MX", "gone", "550 5.1.10"),
        ("end", "550 5.2.1 mailbox disabled", "gone", "550 5.2.1"),
        ("rcpt", "550 5.7.1 blocked by policy", "retry", "policy 550 5.7.1"),
        ("end", "550 5.7.26 unauthenticated mail", "retry", "policy 550 5.7.26"),
        ("mail", "550 sender not allowed", "refund", "policy 550"),
        ("mail", "530 5.7.0 authentication required", "refund", "auth"),
        ("rcpt", "552 5.2.2 mailbox full", "dead", "552 5.2.2"),
        ("rcpt", "550 no", "dead", "550 rcpt"),
        ("rcpt", "553 no", "dead", "553 rcpt"),
        ("rcpt", "553 5.1.3 bad destination mailbox address syntax", "gone", "553 5.1.3"),
        ("rcpt", "550 5.1.2 no such domain", "gone", "550 5.1.2"),
        ("rcpt", "550 5.1.0 Address rejected", "dead", "550 5.1.0 rcpt"),
        ("rcpt", "550 5.5.0 Requested action not taken: mailbox unavailable", "dead", "550 5.5.0 rcpt"),
        ("rcpt", "550 5.4.1 Recipient address rejected: Access denied. AS(1)", "dead", "550 5.4.1 rcpt"),
        ("end", "554 delivery error: This user doesn't have a yahoo.com account (x)", "dead", "554 rcpt"),
        ("rcpt", "550 5.1.8 Sender address rejected: Domain not found", "dead", "550 5.1.8"),
        ("rcpt", "550 blocked, see our list", "dead", "550"),
        ("rcpt", "554 no", "dead", "554"),
        ("end", "552 message too large", "dead", "552"),
        ("data", "550 no", "dead", "550"),
        ("data", "554 5.5.1 no", "dead", "554 5.5.1"),
    ],
)
@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_refusal_says_what_follows_and_the_connection_stays_usable(
    stage, answer, kind, code, pipelining
):
    async with smtp_relay(pipelining=pipelining) as relay:
        post = channel(relay)
        relay.say(stage, answer)
        error = await refused(post)
        assert (error.kind, error.code) == (kind, code)
        assert answer.split()[0] in str(error)
        await post.send(mail(key="next", address="autre@example.com"))
        await post.close()
    assert [sent.recipient for sent in relay.mails] == ["autre@example.com"]


async def test_hanging_up_after_the_final_dot_is_uncertain_and_before_it_is_not():
    async with smtp_relay() as relay:
        post = channel(relay)
        relay.say("end", HANG_UP)
        assert (await refused(post)).kind == "uncertain"
        assert len(relay.handed_over) == 1
        relay.say("rcpt", HANG_UP)
        error = await refused(post)
        assert (error.kind, error.whole) == ("refund", True)
        await post.close()


async def test_a_mailbox_at_which_the_relay_hangs_up_keeps_nothing_from_others_there():
    async with smtp_relay() as relay:
        relay.unwelcome["lecteur@example.net"] = HANG_UP
        post = channel(relay, connections=1)
        for number in range(10):
            assert (await refused(post)).code == "lost"
            await post.send(mail(key=str(number), address="autre@example.net"))
        await post.close()
    assert len(relay.mails) == 10


async def test_silence_after_the_final_dot_is_uncertain():
    async with smtp_relay() as relay:
        post = channel(relay, timeout_s=0.2)
        relay.say("end", 1.0)
        error = await refused(post)
        assert (error.kind, error.code) == ("uncertain", "after dot")
        await post.close()


async def test_silence_before_the_message_concerns_the_relay_and_costs_no_attempt():
    async with smtp_relay() as relay:
        post = channel(relay, timeout_s=0.2)
        relay.say("mail", 1.0)
        error = await refused(post)
        assert (error.kind, error.code, error.whole) == ("refund", "lost", True)
        await post.close()
    assert relay.handed_over == []


async def test_a_kept_connection_that_died_is_replaced_without_a_word():
    async with smtp_relay() as relay:
        post = channel(relay)
        await post.send(mail(key="first"))
        relay.say("mail", HANG_UP)
        await post.send(mail(key="second"))
        await post.close()
    assert (len(relay.mails), relay.connections) == (2, 2)


async def test_a_relay_that_cannot_be_reached_costs_no_attempt_and_is_then_left_in_peace():
    async with smtp_relay() as relay:
        post = channel(relay)
        relay.say("connect", "421 4.3.2 closing")
        first = await refused(post)
        second = await refused(post)
    assert (first.kind, first.code, second.kind) == ("refund", "connect", "refund")
    assert first.retry_after_s
    assert second.retry_after_s
    assert 0 < second.retry_after_s <= first.retry_after_s
    assert relay.connections == 1


async def test_a_closed_port_is_one_clear_line():
    async with smtp_relay() as relay:
        port = relay.port
    error = await refused(channel(replace(relay, port=port)))
    assert (error.kind, error.code) == ("refund", "connect")
    assert f"127.0.0.1:{port} cannot be reached" in str(error)


async def test_a_wrong_password_is_named_and_a_right_one_lets_us_in():
    async with smtp_relay(login=("warn", "right")) as relay:
        wrong = await refused(channel(relay, username="warn", password="wrong"))
        post = channel(relay, username="warn", password="right")
        assert "accepts us (pipelining)" in await post.check()
        await post.send(mail())
        await post.close()
    assert (wrong.kind, wrong.code) == ("refund", "auth")
    assert "password" in str(wrong)
    assert "wrong" not in str(wrong)
    assert len(relay.mails) == 1


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b", "a b@c.d", "a@b.c\r\nBcc: x@y.z", "a@b.c>", "<a@b.c", "a@b..c", "a@b.c\n"],
)
async def test_a_hostile_or_broken_address_never_reaches_the_relay(address):
    async with smtp_relay() as relay:
        error = await refused(channel(relay), address=address)
    assert (error.kind, relay.connections) == ("dead", 0)


async def test_a_line_break_in_a_subject_cannot_make_a_header():
    async with smtp_relay() as relay:
        error = await refused(channel(relay), subject="x\r\nBcc: y@z.org", body=b"From: a@b.c\r\n\r\nx\r\n")
    assert (error.kind, relay.connections) == ("dead", 0)


async def test_bare_line_ends_in_a_body_arrive_as_lines_and_cannot_end_the_message():
    async with smtp_relay() as relay:
        post = channel(relay)
        await post.send(mail(body=b"From: a@b.c\nSubject: s\n\none\n.\ntwo\r.\rthree"))
        await post.close()
    assert relay.mails[0].content.endswith(b"\r\n\r\none\r\n.\r\ntwo\r\n.\r\nthree\r\n")


async def test_an_address_in_other_letters_is_written_as_the_relay_needs_it():
    async with smtp_relay() as relay:
        post = channel(relay)
        await post.send(mail(address="moussa@société.example"))
        await post.send(mail(address="kéïta@example.net", key="2"))
        await post.close()
    assert [sent.recipient for sent in relay.mails] == ["moussa@xn--socit-esab.example", "kéïta@example.net"]


@pytest.mark.parametrize("stage", ["rcpt", "end"])
async def test_the_address_that_a_relay_repeats_is_not_kept_with_what_it_said(stage):
    said = "550 5.1.1 <lecteur@example.net>: Recipient address rejected: lecteur@example.net unknown"
    async with smtp_relay() as relay:
        relay.say(stage, said, "250 2.0.0 ok lecteur@example.net" if stage == "end" else 0.0)
        post = channel(relay)
        error = await refused(post)
        receipt = await post.send(mail(key="again"))
        await post.close()
    assert (error.kind, error.code) == ("gone", "550 5.1.1")
    assert "Recipient address rejected" in error.message
    assert "lecteur" not in f"{error} {error.code} {receipt.provider_id}"


@pytest.mark.parametrize(
    "said",
    ['550 5.1.1 unknown user: "awa.traore"', "550 5.1.1 no mailbox Awa.Traore here", "550 5.1.1 awa.traore+bko: gone.",
     "550 5.1.1 " + "x" * 185 + " <awa.traore+bko@example.net>"],
)  # fmt: skip
async def test_a_name_that_a_relay_repeats_without_its_domain_is_not_kept(said):
    async with smtp_relay() as relay:
        relay.say("rcpt", said)
        post = channel(relay)
        error = await refused(post, address="awa.traore+bko@example.net")
        await post.close()
    assert not {"awa", "traore"} & set(re.findall(r"\w+", str(error).lower()))


async def test_a_destination_that_rests_is_not_named_in_what_is_kept_of_a_delivery():
    async with smtp_relay() as relay:
        relay.say("rcpt", *2 * ["550 5.7.1 blocked by policy"])
        post = channel(relay)
        for name, code in (("a", "policy 550 5.7.1"), ("b", "policy 550 5.7.1"), ("c", "lane")):
            error = await refused(post, address=f"{name}@example.net")
            assert error.code == code
            assert "example.net" not in str(error)
        await post.close()


@pytest.mark.parametrize(
    ("said", "limit"),
    [("450 mailbox busy", 2), ("452 mailbox full", 2), ("450 4.2.1 too much for this user", 2), ("451 later", 1),
     ("421 4.7.28 too many from you", 1), ("421 busy", 1)],
)  # fmt: skip
async def test_what_one_mailbox_cannot_take_slows_nobody_else_there(said, limit):
    async with smtp_relay() as relay:
        relay.say("rcpt", said)
        post = channel(relay)
        await refused(post)
        assert post._destinations.limit("example.net") == limit
        await post.close()


async def test_one_reader_refused_again_and_again_is_their_own_affair():
    async with smtp_relay() as relay:
        relay.unwelcome["lecteur@example.net"] = "550 5.7.1 this user takes nothing from you"
        post = channel(relay)
        codes = [(await refused(post)).code for _ in range(3)]
        await post.send(mail(address="autre@example.net"))
        await post.close()
    assert codes == ["policy 550 5.7.1", "550 5.7.1 rcpt", "550 5.7.1 rcpt"]
    assert [sent.recipient for sent in relay.mails] == ["autre@example.net"]
