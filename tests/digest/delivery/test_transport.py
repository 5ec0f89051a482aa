"""Encryption, login and bytes, against a real server; and the mailbox of an installation without one."""

import re
import stat
from collections.abc import Callable, Mapping
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.store import Corpus
from digest.mail import ISSUE_HEADER, Letterhead
from digest.mailbox import EmbeddedMailbox, file_name
from digest.outbox import send_issue
from digest.transport import NoLineError, SmtpTransport, wire_form
from programme.types import Smtp

CERTIFICATE = Path(__file__).parent.parent / "certs" / "localhost.pem"
SENDER, ANNA = "kooste@kunta.example", "anna@kunta.example"
KEY = "2026-W47"
Start = Approve = Callable[..., Any]


def to(port: int, secret: str | None = None, **options: object) -> SmtpTransport:
    """Return a transport to a port of this machine that trusts the tests' certificate."""
    plain = {"host": "localhost", "port": port, "ca_file": str(CERTIFICATE), "timeout": 5.0}
    return SmtpTransport(Smtp(**{**plain, **options}), secret)


def mail(body: str = "Hei\n") -> EmailMessage:
    """Return a small mail."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = SENDER, ANNA, "Koe"
    message.set_content(body, cte="7bit")
    return message


def ending(transport: SmtpTransport | EmbeddedMailbox) -> str:
    """Return how sending the small mail ends."""
    with transport.open(sender=SENDER) as line:
        return line.send(mail(), sender=SENDER, recipient=ANNA).ending


def test_starttls_and_password(start: Start) -> None:
    """A mail goes over an encrypted line after a login as the sender's address."""
    server = start(starttls=True, login=(SENDER, "hush"))
    assert ending(to(server.port, "hush")) == "sent"
    assert server.logins == [(SENDER, "hush")]
    assert server.got(ANNA) == 1


@pytest.mark.parametrize("offered", [True, False])
def test_reports_are_asked_for_where_they_are_offered(start: Start, *, offered: bool) -> None:
    """We want to know what does not arrive, and ask only a server that says it can tell."""
    server = start()
    server.reports = offered
    assert ending(to(server.port, security="none", auth="none")) == "sent"
    asked = " ".join(server.commands)
    assert ("NOTIFY=FAILURE,DELAY" in asked, "RET=HDRS" in asked) == (offered, offered)


def test_tls_from_the_first_byte(start: Start) -> None:
    """A line may be encrypted from the start; a configured user logs in."""
    server = start(tls=True, login=("postman", "hush"))
    assert ending(to(server.port, "hush", security="tls", user="postman")) == "sent"
    assert server.logins == [("postman", "hush")]


def test_access_token(start: Start) -> None:
    """A login by access token follows XOAUTH2."""
    server = start(starttls=True, login=("", ""))
    assert ending(to(server.port, "good", auth="xoauth2")) == "sent"
    assert server.logins == [(f"user={SENDER}", "auth=Bearer good\x01\x01")]


@pytest.mark.parametrize(
    ("options", "secret", "words"),
    [
        pytest.param({}, "wrong", r"did not let us in: 535 .* Check auth and user", id="password"),
        pytest.param({"auth": "xoauth2"}, "stale", "did not let us in: ", id="token"),
        pytest.param({}, None, r"no secret is set\. Set KUNTAKAIKU_SMTP_PASSWORD", id="no secret"),
        pytest.param({}, "salasänä", "other letters than ASCII", id="letters"),
    ],
)
def test_failed_login_is_told_without_the_secret(
    start: Start, options: dict[str, str], secret: str | None, words: str
) -> None:
    """A login that fails says so, says what to check, and never repeats the secret."""
    server = start(starttls=True, login=(SENDER, "hush"))
    with pytest.raises(NoLineError, match=words) as raised, to(server.port, secret, **options).open(sender=SENDER):
        pass
    assert secret is None or secret not in str(raised.value)
    assert secret is None or raised.value.__cause__ is None or secret not in str(raised.value.__cause__)
    assert server.mails == []


@pytest.mark.parametrize(
    ("options", "server_options"),
    [
        pytest.param({"ca_file": None}, {"starttls": True}, id="unknown authority"),
        pytest.param({"ca_file": None, "security": "tls"}, {"tls": True}, id="unknown authority, TLS at once"),
    ],
)
def test_untrusted_certificate_gets_nothing(
    start: Start, options: dict[str, Any], server_options: dict[str, bool]
) -> None:
    """A server whose certificate nobody vouches for gets neither login nor mail."""
    server = start(login=(SENDER, "hush"), **server_options)
    with pytest.raises(NoLineError, match="cannot be trusted: self-signed certificate"):
        ending(to(server.port, "hush", **options))
    assert server.logins == server.mails == []


def test_authorities_that_cannot_be_read(start: Start, tmp_path: Path) -> None:
    """A file of authorities that holds none is told, not a traceback."""
    (tmp_path / "ca.pem").write_text("nothing")
    server = start(starttls=True)
    with pytest.raises(NoLineError, match="cannot be trusted"):
        ending(to(server.port, "hush", ca_file=str(tmp_path / "ca.pem")))


def test_password_is_never_sent_in_the_clear(start: Start) -> None:
    """A server without STARTTLS gets no login, though it would take one."""
    server = start(login=(SENDER, "hush"))
    with pytest.raises(NoLineError, match="nothing is sent in the clear"):
        ending(to(server.port, "hush"))
    assert server.logins == []


SERVERS: Mapping[str, tuple[dict[bytes, bytes], dict[str, str], str]] = {
    "busy greeting": ({b"": b"421 busy\r\n"}, {}, "421 busy"),
    "closed greeting": ({b"": b"554 no mail here\r\n"}, {}, "554 no mail here"),
    "hang-up instead of greeting": ({}, {}, "does not answer"),
    "silence": ({b"": b""}, {}, "no answer in time"),
    "hang-up at EHLO": ({b"": b"220 hello\r\n"}, {}, "hung up"),
    "EHLO refused": ({b"": b"220 hello\r\n", b"EHLO": b"550 who are you\r\n"}, {}, "does not greet: 550 who are you"),
    "no STARTTLS": (
        {b"": b"220 hello\r\n", b"EHLO": b"250-here\r\n250 AUTH PLAIN LOGIN\r\n"},
        {"security": "starttls", "auth": "password"},
        "offers no STARTTLS, and nothing is sent in the clear",
    ),
    "STARTTLS fails": (
        {b"": b"220 hello\r\n", b"EHLO": b"250-here\r\n250 STARTTLS\r\n", b"STAR": b"454 not now\r\n"},
        {"security": "starttls", "auth": "password"},
        "did not start TLS: 454 not now",
    ),
    "STARTTLS hangs up": (
        {b"": b"220 hello\r\n", b"EHLO": b"250-here\r\n250 STARTTLS\r\n"},
        {"security": "starttls"},
        "hung up",
    ),
    "no TLS where it is expected": ({b"": b"220 hello\r\n"}, {"security": "tls"}, "cannot be trusted"),
    "no login": ({b"": b"220 hello\r\n", b"EHLO": b"250 here\r\n"}, {"auth": "password"}, "did not let us in"),
    "hang-up at login": (
        {b"": b"220 hello\r\n", b"EHLO": b"250-here\r\n250 AUTH PLAIN\r\n"},
        {"auth": "password"},
        "hung up",
    ),
}


@pytest.mark.parametrize(("answers", "options", "words"), SERVERS.values(), ids=SERVERS)
def test_server_that_cannot_be_used(
    raw: Start, answers: dict[bytes, bytes], options: dict[str, str], words: str
) -> None:
    """Whatever keeps a server from being used is told in words, with the server's own, and without the secret."""
    plain = {"security": "none", "auth": "none", "timeout": 0.3}
    with pytest.raises(NoLineError) as raised:
        ending(to(raw(answers), "hush", **{**plain, **options}))
    assert words in str(raised.value)
    assert "delivery.toml" in raised.value.remedy
    assert "hush" not in str(raised.value)


def test_server_that_hangs_up_after_a_refusal(raw: Start) -> None:
    """A refusal stays one though the server hangs up on what follows."""
    answers = {b"": b"220 hello\r\n", b"EHLO": b"250 here\r\n", b"MAIL": b"250 go on\r\n", b"RCPT": b"550 no\r\n"}
    with to(raw(answers), security="none", auth="none").open(sender=SENDER) as line:
        outcome = line.send(mail(), sender=SENDER, recipient=ANNA)
    assert (outcome.ending, outcome.reason, outcome.line_is_broken) == ("refused", "550 no", True)


def test_server_that_hangs_up_before_anybody_is_named(raw: Start) -> None:
    """A line that breaks at the sender says nothing of the recipient."""
    with to(raw({b"": b"220 hello\r\n", b"EHLO": b"250 here\r\n"}), security="none", auth="none").open(
        sender=SENDER
    ) as line:
        outcome = line.send(mail(), sender=SENDER, recipient=ANNA)
    assert (outcome.ending, outcome.line_is_broken, outcome.recipient_was_named) == ("deferred", True, False)


@settings(max_examples=25, deadline=None)
@given(body=st.text(alphabet=".\nab", max_size=40))
def test_full_stops_survive_the_wire(body: str) -> None:
    """A body of full stops and line breaks never ends a mail early, and stands undoubled at the other side."""
    sent = wire_form(mail(body))
    assert sent.endswith(b"\r\n.\r\n")
    lines = sent.removesuffix(b".\r\n").split(b"\r\n")
    assert b"." not in lines
    received = b"\r\n".join(line.removeprefix(b".") for line in lines)
    assert received.rstrip(b"\r\n") == mail(body).as_bytes().rstrip(b"\r\n")


def test_mailbox_keeps_each_mail_as_a_private_file(
    corpus: Corpus, approve: Approve, clock: Callable[[], datetime], letterhead: Letterhead, tmp_path: Path
) -> None:
    """Without a mail server each mail is one file of its own, which only its owner may read."""
    approve("anna", "bo:sv:reader")
    box = EmbeddedMailbox(tmp_path / "data" / "mail")
    sent = send_issue(corpus, KEY, transport=box, letterhead=letterhead, clock=clock)
    assert sent.is_complete
    files = sorted(box.directory.iterdir())
    assert [re.sub("[0-9a-f]{12}", "#", file.name) for file in files] == ["2026-W47-fi-#.eml", "2026-W47-sv-#.eml"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    message = message_from_bytes(files[0].read_bytes(), policy=SMTP)
    assert message["To"] == "anna@kunta.example"
    body = message.get_body(("plain",))
    assert body is not None
    assert "\n.alku\n" in body.get_content().replace("\r\n", "\n")


def test_mailbox_that_cannot_write_defers(
    corpus: Corpus, approve: Approve, clock: Callable[[], datetime], letterhead: Letterhead, tmp_path: Path
) -> None:
    """Where the directory cannot be made, or a file in it not be written, deliveries wait with the reason."""
    approve("anna")
    (tmp_path / "mail").touch()
    sent = send_issue(corpus, KEY, transport=EmbeddedMailbox(tmp_path / "mail"), letterhead=letterhead, clock=clock)
    assert sent.deliveries[0].state == "deferred"
    assert "cannot be made" in (sent.problem or "")
    (tmp_path / "mail").unlink()
    box = EmbeddedMailbox(tmp_path / "mail")
    with box.open(sender=SENDER) as line:
        (box.directory / file_name(mail().as_bytes())).with_suffix(".part").mkdir()
        outcome = line.send(mail(), sender=SENDER, recipient=ANNA)
    assert outcome.ending == "deferred"
    assert "could not be written" in (outcome.reason or "")


def test_mailbox_without_a_port(tmp_path: Path) -> None:
    """A machine that has no address to listen on is told to use a mail server."""
    box = EmbeddedMailbox(tmp_path, host="203.0.113.7")  # kept for documentation: nobody's address
    with pytest.raises(NoLineError, match=r"can be opened for the mailbox.*Set smtp in delivery\.toml"):
        ending(box)


@settings(max_examples=40, deadline=None)
@given(issue=st.text(max_size=30), language=st.text(max_size=30), identity=st.text(max_size=30))
def test_file_names_hold_nothing_hostile(issue: str, language: str, identity: str) -> None:
    """Whatever a mail's headers say, its file's name is of a fixed form."""
    content = f"{ISSUE_HEADER}: {issue}\r\nContent-Language: {language}\r\nMessage-ID: {identity}\r\n\r\n".encode()
    assert re.fullmatch(r"(\d{4}-W\d{2}|mail)(-[a-z]{2,3})?-[0-9a-f]{12}\.eml", file_name(content))


def test_same_mail_again_is_the_same_file() -> None:
    """A second try of one mail replaces its file; another recipient's mail is another file."""
    head = f"{ISSUE_HEADER}: {KEY}\r\nContent-Language: fi\r\nMessage-ID: ".encode()
    names = [
        file_name(head + identity + b"\r\n\r\n" + body)
        for identity, body in ((b"<a>", b"1"), (b"<a>", b"2"), (b"<b>", b"1"))
    ]
    assert names[0] == names[1] != names[2]
    assert file_name(b"x").startswith("mail-")
