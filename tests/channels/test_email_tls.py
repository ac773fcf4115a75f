"""Mail over TLS, from the first byte and by STARTTLS, with a certificate made for the test."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from warn.errors import DeliveryError

from tests.channels.parcels import mail
from tests.channels.test_email import channel
from tests.fakes.smtp import smtp_relay


@pytest.fixture
def certificate(tmp_path):
    """(path of the certificate, server context)"""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = tmp_path / "relay.pem", tmp_path / "relay.key"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key_path)
    return str(path), context


async def test_mail_travels_over_tls_from_the_first_byte(certificate):
    path, context = certificate
    async with smtp_relay(tls=context) as relay:
        post = channel(relay, security="tls", ca_file=path)
        for number in range(3):
            await post.send(mail(key=str(number)))
        await post.close()
    assert (len(relay.mails), relay.connections) == (3, 1)


async def test_mail_travels_over_starttls(certificate):
    path, context = certificate
    async with smtp_relay(starttls=context) as relay:
        post = channel(relay, security="starttls", ca_file=path)
        relay.say("rcpt", "450 4.2.0 later")
        with pytest.raises(DeliveryError) as raised:
            await post.send(mail())
        for number in range(3):
            await post.send(mail(key=str(number)))
        await post.close()
    assert raised.value.kind == "retry"
    assert (len(relay.mails), relay.connections) == (3, 1)


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_relay_without_starttls_is_not_spoken_to_in_the_clear(pipelining):
    async with smtp_relay(pipelining=pipelining) as relay:
        with pytest.raises(DeliveryError) as raised:
            await channel(relay, security="starttls").send(mail())
    assert (raised.value.kind, raised.value.code) == ("refund", "connect")
    assert relay.handed_over == []


async def test_a_certificate_nobody_vouches_for_is_refused(certificate):
    async with smtp_relay(starttls=certificate[1]) as relay:
        with pytest.raises(DeliveryError) as raised:
            await channel(relay, security="starttls").send(mail())
    assert raised.value.kind == "refund"
    assert "certificate" in str(raised.value).lower()
