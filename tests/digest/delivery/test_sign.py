"""Signed mails, verified as a receiving server does."""

from collections.abc import Callable
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from digest.mail import Letterhead, build_message
from digest.sign import SIGNED, signer
from digest.slots import Links
from digest.transport import NoLineError, SmtpTransport
from programme.types import Dkim, Smtp
from tests.digest.delivery.conftest import NOW, rendering

ANNA = "anna@kunta.example"
SETTINGS = Dkim(selector="kaiku")


@pytest.fixture(scope="module")
def keys() -> tuple[str, bytes]:
    """A private key in PEM form, and the DNS record of its public half."""
    from base64 import b64encode

    private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), b"v=DKIM1; k=rsa; p=" + b64encode(public)


def received(start: Callable[..., Any], letterhead: Letterhead, pem: str) -> bytes:
    """Return a signed digest as a mail server took it."""
    server = start()
    message = build_message(
        rendering(subject="Viikko 47: työllisyyspalvelut", text="Hyvää päivää\n.piste\n\n\n"),
        letterhead=letterhead,
        recipient=ANNA,
        identity="<1@kunta.example>",
        date=NOW,
        links=Links(unsubscribe_url="https://k.example/leave/1"),
    )
    smtp = Smtp(host="127.0.0.1", port=server.port, security="none", auth="none", timeout=5.0)
    transport = SmtpTransport(smtp, None, signer(SETTINGS, pem, domain=letterhead.domain))
    with transport.open(sender=letterhead.address) as line:
        assert line.send(message, sender=letterhead.address, recipient=ANNA).ending == "sent"
    content: bytes = server.mails[0][1]
    return content


def verified(mail: bytes, record: bytes) -> bool:
    """Return whether a server that looks the key up in the DNS believes the signature."""

    def lookup(name: bytes, timeout: int = 5) -> bytes | None:
        del timeout
        return record if name == b"kaiku._domainkey.kunta.example." else None

    return bool(dkim.verify(mail, dnsfunc=lookup))


def test_signature_is_believed(start: Callable[..., Any], letterhead: Letterhead, keys: tuple[str, bytes]) -> None:
    """What a server took is verified with the sender's public key, and the signature covers what RFC 8058 asks."""
    mail = received(start, letterhead, keys[0])
    assert verified(mail, keys[1])
    header = mail.split(b"\r\nFrom:")[0].lower().replace(b"\r\n", b"")
    assert b"list-unsubscribe-post" in header
    assert {name.lower().encode() for name in SIGNED} <= {
        part.strip() for part in header.partition(b"h=")[2].partition(b";")[0].split(b":")
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"https://k.example/leave/1", b"https://evil.example/x/1"),
        (b"=C3=A4iv=C3=A4=C3=A4", b"=C3=A4iv=C3=A4=C3=A5"),
        (b"\r\nDate:", b"\r\nReferences: <x@y>\r\nDate:"),
    ],
    ids=["link", "body", "added header"],
)
def test_changed_mail_is_not_believed(
    start: Callable[..., Any], letterhead: Letterhead, keys: tuple[str, bytes], old: bytes, new: bytes
) -> None:
    """Nobody on the way can change the way to leave or the words, or put a header in."""
    mail = received(start, letterhead, keys[0])
    assert old in mail
    assert not verified(mail.replace(old, new, 1), keys[1])


@pytest.mark.parametrize("key", [None, "", "hush"], ids=["none", "empty", "unreadable"])
def test_without_a_good_key_nothing_goes_out(key: str | None) -> None:
    """Where mails are to be signed, an unsigned one is never sent by mistake; the remedy names the variable."""
    with pytest.raises(NoLineError) as caught:
        signer(SETTINGS, key, domain="kunta.example")
    assert "KUNTAKAIKU_DKIM_KEY" in caught.value.remedy
    assert "hush" not in str(caught.value)
