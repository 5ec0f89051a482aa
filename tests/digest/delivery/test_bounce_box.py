"""The mailbox of returned mails, against a small IMAP server on the loopback interface."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from digest.bounce_box import BounceBox, BounceBoxError, Mark
from programme.types import BounceMailbox
from tests.digest.delivery.conftest import listening, server_tls

CERTIFICATE = Path(__file__).parent.parent / "certs" / "localhost.pem"
SENDER = "kooste@kunta.example"
SECRET = "hush"  # noqa: S105 - of a test
REPORT = b"Content-Type: multipart/report; report-type=delivery-status\r\n\r\nreport %d\r\n"
LETTER = b"Content-Type: text/plain\r\n\r\nKiitos koosteesta!\r\n"


@dataclass
class Box:
    """What a scripted server holds, and what it was asked."""

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    password: str = SECRET
    asked: list[str] = field(default_factory=list)
    hang_up_at: str | None = None
    port: int = 0


class Imap(asyncio.Protocol):
    """The server's side of one conversation: as much of RFC 3501 as the reader needs."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._buffer = b""
        self._login = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"* OK ready\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer each line."""
        self._buffer += data
        while b"\r\n" in self._buffer:
            line, self._buffer = self._buffer.split(b"\r\n", 1)
            self._answer(line.decode())

    def _answer(self, line: str) -> None:
        tag, _, command = line.partition(" ")
        if not command:  # an answer to a challenge: the token, then nothing to the description of the error
            self._transport.write(b"+ e30=\r\n" if line else f"{self._login} NO failed\r\n".encode())
            return
        if command.startswith("AUTHENTICATE"):
            self._login = tag
            self._transport.write(b"+ \r\n")
            return
        self._box.asked.append(command)
        if self._box.hang_up_at and command.startswith(self._box.hang_up_at):
            self._transport.abort()
            return
        lines, end = self._said(command)
        self._transport.write(b"".join(one + b"\r\n" for one in (*lines, f"{tag} {end}".encode())))

    def _said(self, command: str) -> tuple[list[bytes], str]:
        verb, _, rest = command.partition(" ")
        if verb == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2"], "OK done"
        if verb == "LOGIN":
            return [], "OK done" if rest == f'{SENDER} "{self._box.password}"' else "NO go away"
        if verb in ("SELECT", "EXAMINE"):
            return [b"* OK [UIDVALIDITY %d] ok" % self._box.validity, b"* %d EXISTS" % len(self._box.mails)], "OK done"
        if command.startswith("UID SEARCH"):
            found = re.search(r"UID (\d+):\*", rest)
            assert found
            reports = [uid for uid, mail in self._box.mails.items() if b"multipart/report" in mail]
            last = max(self._box.mails, default=0)
            hits = [uid for uid in reports if uid >= int(found[1]) or uid == last]
            return [b"* SEARCH " + " ".join(map(str, hits)).encode()], "OK done"
        if command.startswith("UID FETCH"):
            return self._fetched(int(rest.split()[1]), command), "OK done"
        return [], "OK done"

    def _fetched(self, uid: int, command: str) -> list[bytes]:
        mail = self._box.mails[uid]
        if "RFC822.SIZE" in command:
            size = 6_000_000 if mail.endswith(b"huge\r\n") else len(mail)
            return [b"* 1 FETCH (UID %d RFC822.SIZE %d)" % (uid, size)]
        return [b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)" % (uid, len(mail), mail)]


Start = Callable[..., Box]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts a server with the given mails by their numbers."""
    with ExitStack() as running:

        def begin(mails: dict[int, bytes], *, tls: bool = True, **options: object) -> Box:
            box = Box(mails=mails, **options)  # type: ignore[arg-type] # any field of the box
            box.port = running.enter_context(listening(lambda _: lambda: Imap(box), server_tls() if tls else None))
            return box

        yield begin


def reader(box: Box, secret: str | None = SECRET, **options: object) -> BounceBox:
    """Return a reader of the server's mailbox that trusts the tests' certificate."""
    plain = {"host": "localhost", "port": box.port, "ca_file": str(CERTIFICATE), "timeout": 5.0}
    return BounceBox(BounceMailbox(**{**plain, **options}), secret)


def test_reports_alone_are_fetched_and_nothing_is_changed(start: Start) -> None:
    """What people wrote is not looked at, and no mail is marked as read."""
    box = start({1: LETTER, 2: REPORT % 1, 5: REPORT % 2})
    found = list(reader(box).reports(SENDER, None))
    assert [mark.uid for _, mark in found] == [2, 5]
    assert found[0][0] == REPORT % 1
    assert not any("FETCH 1 " in one for one in box.asked)
    assert [one for one in box.asked if one.startswith(("SELECT", "EXAMINE"))] == ['EXAMINE "INBOX"']
    assert all("BODY.PEEK" in one for one in box.asked if "BODY" in one)


def test_reading_goes_on_behind_the_mark(start: Start) -> None:
    """What was read is not fetched again, although a server offers its last mail for any number."""
    box = start({2: REPORT % 1, 5: REPORT % 2})
    assert list(reader(box).reports(SENDER, Mark(validity=7, uid=5))) == []
    assert [mark.uid for _, mark in reader(box).reports(SENDER, Mark(validity=7, uid=2))] == [5]


def test_mails_numbered_anew_are_read_again(start: Start) -> None:
    """A mark of other numbers says nothing."""
    box = start({2: REPORT % 1}, validity=8)
    assert [mark for _, mark in reader(box).reports(SENDER, Mark(validity=7, uid=5))] == [Mark(validity=8, uid=2)]


def test_what_is_too_large_for_a_report_is_passed_over(start: Start) -> None:
    """It is not fetched, and the next one is."""
    box = start({2: REPORT % 1 + b"huge\r\n", 3: REPORT % 2})
    assert [mark.uid for _, mark in reader(box).reports(SENDER, None)] == [3]


@pytest.mark.parametrize(
    ("options", "secret", "says"),
    [
        ({}, None, "KUNTAKAIKU_IMAP_PASSWORD"),
        ({}, "wrong", "did not let us in"),
        ({}, "väärä", "other letters than ASCII"),
        ({"ca_file": None}, "hush", "cannot be reached"),
        ({"port": 9}, "hush", "cannot be reached"),
        ({"auth": "xoauth2"}, "hush", "did not let us in"),
    ],
)
def test_closed_door_is_told_without_the_secret(
    start: Start, options: dict[str, object], secret: str | None, says: str
) -> None:
    """Whatever keeps us out is told with what to do, and the secret is not."""
    box = start({2: REPORT % 1})
    with pytest.raises(BounceBoxError) as raised:
        list(reader(box, secret, **options).reports(SENDER, None))
    assert says in str(raised.value)
    assert not secret or secret not in str(raised.value)


def test_broken_line_keeps_what_was_read(start: Start) -> None:
    """Reports before the break were handed on; the next reading takes up behind them."""
    box = start({2: REPORT % 1, 3: REPORT % 2}, hang_up_at="UID FETCH 3")
    reports = reader(box).reports(SENDER, None)
    assert next(reports)[1].uid == 2
    with pytest.raises(BounceBoxError, match="broke off"):
        next(reports)
