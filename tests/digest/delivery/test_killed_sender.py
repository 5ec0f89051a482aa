"""A sender that is killed wherever it may be: nobody gets the mail twice, and nobody is forgotten."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.issues import Issues
from corpus.store import Corpus
from digest.mail import Letterhead
from digest.outbox import Sent, send_issue
from digest.transport import SmtpTransport
from programme.types import Smtp
from tests.faults.dying import dies_at

pytestmark = pytest.mark.everything
KEY = "2026-W47"
NAMES = ("anna", "bo", "carl")
Start = Approve = Callable[..., Any]


@pytest.fixture
def approved(corpus: Corpus, approve: Approve, tmp_path: Path) -> Path:
    """The file of a corpus with an approved issue for three."""
    if not corpus.database.sqlite:
        pytest.skip("copied file by file; a server keeps the same promises by the same transactions")
    approve(*NAMES)
    corpus.database.empty_log()
    shutil.copy(str(corpus.database.path), tmp_path / "approved.db")
    return tmp_path / "approved.db"


@pytest.fixture
def sending(start: Start, letterhead: Letterhead, clock: Callable[[], Any]) -> tuple[Any, Callable[[Path], Sent]]:
    """A mail server, and what sends the issue of a file to it."""
    server = start()

    def send(path: Path) -> Sent:
        transport = SmtpTransport(Smtp(host="127.0.0.1", port=server.port, security="none", auth="none", timeout=5.0))
        with Corpus.open(f"sqlite:///{path}") as corpus:
            return send_issue(corpus, KEY, transport=transport, letterhead=letterhead, clock=clock, only_due=False)

    return server, send


def check_true(server: Any, sent: Sent) -> None:  # noqa: ANN401 - the scripted server
    """Hold every recipient to one true end.

    Raises:
        AssertionError: somebody got the mail twice, or is not told of truly.
    """
    for delivery in sent.deliveries:
        got = server.got(delivery.recipient)
        assert got <= 1, f"{delivery.recipient} got it {got} times"
        assert delivery.state in ("sent", "in_doubt")
        assert delivery.state != "sent" or got == 1, f"{delivery.recipient} was forgotten"


def kill_everywhere(server: Any, send: Callable[[Path], Sent], approved: Path, step: int) -> int:  # noqa: ANN401 - as above
    """Kill a sender at each write, or at some, let another one follow, and return how often it was killed."""
    kills, number = 0, 1
    while True:
        server.mails.clear()
        path = approved.with_name("killed.db")
        for old in approved.parent.glob("killed.db*"):
            old.unlink()
        shutil.copy(approved, path)
        if not dies_at(number, lambda path=path: send(path)):
            return kills
        check_true(server, send(path))
        kills, number = kills + 1, number + step


@pytest.mark.fault("F3", how="SIGKILL at a write; a server on loopback counts mails")
def test_killed_sender_doubles_and_forgets_nothing(
    sending: tuple[Any, Callable[[Path], Sent]],
    approved: Path,
    record_property: Callable[[str, object], None],
    *,
    fault_long: bool,
) -> None:
    """Whichever write it dies at, the next sender leaves each recipient with one mail, or in doubt."""
    server, send = sending
    kills = kill_everywhere(server, send, approved, 1 if fault_long else 2)
    record_property("runs", kills)
    assert kills > len(NAMES) * 2


@pytest.mark.control("F3")
def test_sender_that_guesses_doubles(
    sending: tuple[Any, Callable[[Path], Sent]], approved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that takes what was open for what did not arrive does not pass the same look."""
    server, send = sending

    def guessed(self: Issues, key: str, _: object) -> int:
        statement = "UPDATE deliveries SET state = 'pending' WHERE issue = ? AND state = 'sending'"
        with self._database.writing() as connection:
            return self._database.run(connection, statement, (key,))

    monkeypatch.setattr(Issues, "recover", guessed)
    with pytest.raises(AssertionError, match="times"):
        kill_everywhere(server, send, approved, 1)
