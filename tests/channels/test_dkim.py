"""Signatures, checked by a library that is not ours."""

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from warn.channels.dkim import Signer
from warn.channels.email import EmailChannel, EmailConfig
from warn.errors import ConfigError

from tests.channels.parcels import mail
from tests.fakes.smtp import Relay, smtp_relay


def pem(key: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def published(key: RSAPrivateKey) -> bytes:
    """The DNS record an operator publishes."""
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    lines = public.decode().splitlines()[1:-1]
    return f"v=DKIM1; k=rsa; p={''.join(lines)}".encode()


async def sent(relay: Relay, private: RSAPrivateKey, **changes) -> bytes:
    config = EmailConfig(
        "127.0.0.1", "Alertes Bamako <alertes@example.org>", "https://alertes.example.org", port=relay.port,
        security="none", dkim_key=pem(private), dkim_selector="warn",
    )  # fmt: skip
    post = EmailChannel(config)
    await post.send(mail(**changes))
    await post.close()
    return relay.mails[-1].content


def verified(message: bytes, key: RSAPrivateKey) -> bool:
    return bool(dkim.verify(message, dnsfunc=lambda _name, timeout=5: published(key)))


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"From: a@example.org\r\nSubject: s\r\n\r\n",
        b"From:  a@example.org \r\nSubject: folded\r\n\tover lines\r\n\r\nspaces   and\ttabs \r\n.dot\r\n\r\n\r\n",
        b"From: a@example.org\nSubject: s\n\nbare line ends\n",
    ],
)
async def test_what_we_sign_is_verified_by_another(key, body):
    async with smtp_relay() as relay:
        message = await sent(relay, key, **({} if body is None else {"body": body}))
    assert message.startswith(b"DKIM-Signature:")
    assert verified(message, key)


async def test_each_readers_own_token_is_covered_and_so_are_the_headers_of_one_click(key):
    async with smtp_relay() as relay:
        first = await sent(relay, key, token="a" * 67, key="1")
        second = await sent(relay, key, token="b" * 67, key="2", address="autre@example.net")
    assert verified(first, key)
    assert verified(second, key)
    names = first.split(b"h=")[1].split(b";")[0]
    assert b"list-unsubscribe:list-unsubscribe-post" in names
    assert not verified(first.replace(b"a" * 67, b"b" * 67), key)


async def test_a_message_changed_on_its_way_or_given_a_second_from_does_not_verify(key):
    async with smtp_relay() as relay:
        message = await sent(relay, key)
    assert not verified(message.replace(b"775", b"999"), key)
    assert not verified(
        message.replace(b"\r\nSubject:", b"\r\nX: y\r\nFrom: evil@example.org\r\nSubject:", 1), key
    )


async def test_without_a_key_nothing_is_signed():
    async with smtp_relay() as relay:
        post = EmailChannel(
            EmailConfig("127.0.0.1", "a@example.org", "https://e.org", port=relay.port, security="none")
        )
        await post.send(mail())
        await post.close()
    assert b"DKIM-Signature" not in relay.mails[0].content


def test_a_key_that_is_none_and_one_too_weak_are_named():
    for text in (b"", b"-----BEGIN", pem(generate_private_key(public_exponent=65537, key_size=1024))[:-40]):
        with pytest.raises(ConfigError):
            Signer("example.org", "warn", text)


def test_an_ed25519_key_signs_the_hash_of_the_headers():
    header = Signer("example.org", "warn", pem(Ed25519PrivateKey.generate())).header([], b"x" * 32)
    assert b"a=ed25519-sha256" in header
    assert len(header.split(b"b=")[-1].replace(b"\r\n ", b"").strip()) == 88
