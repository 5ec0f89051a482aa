"""Each recipient stands in one true state, and nobody is mailed twice."""

import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any, Protocol

import pytest

from corpus.issues import Delivery, IssueStateError
from corpus.store import Corpus
from digest.mail import Letterhead, Links
from digest.outbox import LONGEST_PAUSE, PATIENCE, Sent, SentElsewhereError, next_pause, send_issue
from digest.transport import SmtpTransport
from programme.types import Smtp

KEY = "2026-W47"
ANNA, BO, CARL = "anna@kunta.example", "bo@kunta.example", "carl@kunta.example"
Send = Callable[..., Sent]
Start = Approve = Callable[..., Any]


class Clock(Protocol):
    """A clock that stands until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        """Return what it shows."""

    def pass_by(self, time: timedelta) -> None:
        """Move it."""


@pytest.fixture
def send(corpus: Corpus, letterhead: Letterhead, clock: Clock) -> Send:
    """Return a function that sends the issue to a port of this machine."""

    def sending(port: int, *, secret: str | None = None, only_due: bool = False, **settings: object) -> Sent:
        plain = {"host": "127.0.0.1", "port": port, "security": "none", "auth": "none", "timeout": 0.3}
        transport = SmtpTransport(Smtp(**{**plain, **settings}), secret)
        return send_issue(corpus, KEY, transport=transport, letterhead=letterhead, clock=clock, only_due=only_due)

    return sending


def states(sent: Sent) -> dict[str, str]:
    """Return each recipient's name with its state."""
    return {delivery.recipient.partition("@")[0]: delivery.state for delivery in sent.deliveries}


def reason(sent: Sent, recipient: str) -> str:
    """Return why a recipient's delivery stands where it stands."""
    return next(delivery.reason or "" for delivery in sent.deliveries if delivery.recipient == recipient)


def test_everybody_gets_the_issue_once(start: Start, approve: Approve, send: Send, corpus: Corpus) -> None:
    """Each recipient gets the mail in their language and role, along one connection; sending again sends nothing."""
    server = start()
    approve("anna:fi:editor", "bo:sv:reader", "carl:fi:administrator")
    sent = send(server.port)
    assert states(sent) == {"anna": "sent", "bo": "sent", "carl": "sent"}
    assert sent.is_complete
    assert sent.problem is None
    mails = {to: message_from_bytes(content) for to, content in server.mails}
    assert "(sv)" in mails[BO]["Subject"]
    assert "editor" in mails[ANNA].get_payload(0).get_payload(decode=True).decode()
    assert "reader" in mails[CARL].get_payload(0).get_payload(decode=True).decode()
    assert server.connections == 1
    assert send(server.port).is_complete
    assert len(server.mails) == 3
    issue = corpus.issues.get(KEY)
    assert issue is not None
    assert issue.state == "sent"


FAULTS = {
    "451 at the recipient": ("rcpt 451 4.7.1 greylisted", "deferred", "451 4.7.1 greylisted", 0),
    "550 at the recipient": ("rcpt 550 5.1.1 no such user", "refused", "550 5.1.1 no such user", 0),
    "421 at the recipient": ("rcpt 421 4.3.2 closing", "deferred", "421 4.3.2 closing", 0),
    "password refused by Exchange Online": (
        "rcpt 550 5.7.30 Basic authentication is not supported",
        "deferred",
        "550 5.7.30 Basic authentication is not supported",
        0,
    ),
    "530 at the recipient": ("rcpt 530 5.7.0 log in first", "deferred", "log in first", 0),
    "452 at DATA": ("data 452 4.2.2 full", "deferred", "452 4.2.2 full", 0),
    "554 at DATA": ("data 554 5.7.1 no", "refused", "554 5.7.1 no", 0),
    "250 at DATA": ("data 250 what", "deferred", "not understood", 0),
    "452 after the mail": ("end 452 4.2.2 full", "deferred", "452 4.2.2 full", 0),
    "554 after the mail": ("end 554 5.6.0 spam", "refused", "554 5.6.0 spam", 0),
    "hang-up before DATA": ("drop rcpt", "deferred", "the connection broke", 0),
    "hang-up at DATA": ("drop data", "deferred", "the connection broke", 0),
    "hang-up after the mail": ("drop end", "in_doubt", "the connection broke before the answer", 1),
    "silence before DATA": ("silence rcpt", "deferred", "the connection broke", 0),
    "silence after the mail": ("silence end", "in_doubt", "before the answer", 1),
    "nonsense after the mail": ("end what?", "in_doubt", "not understood", 1),
    "354 after the mail": ("end 354 go on", "in_doubt", "not understood", 0),
}


@pytest.mark.fault("F11", how="a server scripted per recipient and step")
def test_one_bad_recipient_stops_no_other(start: Start, approve: Approve, send: Send) -> None:
    """Each kind of fault leaves its recipient in its true state, with the reason, and everybody between them sent."""
    server = start()
    bad = {f"r{number:02}-bad": fault for number, fault in enumerate(FAULTS.values())}
    good = [f"r{number:02}-good" for number in range(len(FAULTS))]
    server.script = {f"{name}@kunta.example": [step] for name, (step, _, _, _) in bad.items()}
    approve(*bad, *good)
    sent = send(server.port)
    expected = {name: state for name, (_, state, _, _) in bad.items()} | dict.fromkeys(good, "sent")
    assert states(sent) == expected
    for name, (_, state, words, kept) in bad.items():
        address = f"{name}@kunta.example"
        assert words in reason(sent, address)
        assert server.got(address) == kept, name
        assert {"recipient": address, "state": state, "reason": reason(sent, address)} in sent.as_json()["deliveries"]
    assert {server.got(f"{name}@kunta.example") for name in good} == {1}
    assert not sent.is_complete


def test_server_that_takes_few_mails_a_line(start: Start, approve: Approve, send: Send) -> None:
    """Where a server ends each connection after two mails, the next begins another and nobody waits."""
    server = start()
    server.mails_a_line = 2
    names = [f"r{number}" for number in range(5)]
    approve(*names)
    sent = send(server.port)
    assert states(sent) == dict.fromkeys(names, "sent")
    assert server.connections == 3
    assert len(server.mails) == 5


@pytest.mark.fault("F11", how="a server scripted per recipient and step")
def test_doubt_and_refusal_are_left_to_people(start: Start, approve: Approve, send: Send) -> None:
    """Sending again touches neither a delivery in doubt nor a refused one."""
    server = start()
    server.script = {ANNA: ["drop end"], BO: ["rcpt 550 no"], CARL: ["silence end"]}
    approve("anna", "bo", "carl")
    before = states(send(server.port))
    assert before == {"anna": "in_doubt", "bo": "refused", "carl": "in_doubt"}
    kept, connections = len(server.mails), server.connections
    assert states(send(server.port)) == before
    assert (len(server.mails), server.connections) == (kept, connections)


def test_greylisting_is_waited_for(start: Start, approve: Approve, send: Send, clock: Clock, corpus: Corpus) -> None:
    """A deferred delivery waits for its time, keeps its Message-ID, and then arrives once."""
    server = start()
    server.script[ANNA] = ["rcpt 451 later", "end 451 later still", "ok"]
    approve("anna")
    send(server.port)
    (first,) = corpus.issues.deliveries(KEY)
    assert first.next_try_at == clock() + timedelta(minutes=15)
    clock.pass_by(timedelta(minutes=14))
    assert states(send(server.port, only_due=True)) == {"anna": "deferred"}
    assert server.connections == 1
    clock.pass_by(timedelta(minutes=1))
    send(server.port, only_due=True)
    (second,) = corpus.issues.deliveries(KEY)
    assert second.next_try_at == clock() + timedelta(minutes=30)
    assert states(send(server.port)) == {"anna": "sent"}, "a person who asks need not wait"
    (third,) = corpus.issues.deliveries(KEY)
    assert first.message_id == second.message_id == third.message_id
    assert message_from_bytes(server.mails[0][1])["Message-ID"] == first.message_id
    assert server.got(ANNA) == 1


def test_patience_ends(start: Start, approve: Approve, send: Send, clock: Clock) -> None:
    """A delivery that is deferred for two days counts as refused, and says how often it was tried."""
    server = start()
    server.script[ANNA] = ["rcpt 451 never"] * 99
    approve("anna")
    began, tries = clock(), 0
    while (sent := send(server.port, only_due=True)).deliveries[0].state == "deferred":
        tries += 1
        clock.now = sent.deliveries[0].next_try_at
    assert states(sent) == {"anna": "refused"}
    assert reason(sent, ANNA) == f"given up after {tries + 1} tries: 451 never"
    assert timedelta(hours=40) < clock() - began <= PATIENCE


def test_pauses_grow() -> None:
    """Pauses double from fifteen minutes to eight hours and end within two days."""
    pauses = []
    while (pause := next_pause(len(pauses) + 1)) is not None:
        pauses.append(pause)
    assert pauses[:3] == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)]
    assert pauses == sorted(pauses)
    assert max(pauses) == LONGEST_PAUSE
    assert sum(pauses, timedelta()) <= PATIENCE
    assert next_pause(1000) is None


def test_no_server_defers_everybody(approve: Approve, send: Send) -> None:
    """A refused connection leaves everybody deferred with the reason; nobody is given up."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        approve("anna", "bo")
        sent = send(taken.getsockname()[1])
    assert states(sent) == {"anna": "deferred", "bo": "deferred"}
    assert "does not answer" in reason(sent, ANNA)
    assert sent.problem is not None
    assert "Check smtp in delivery.toml." in sent.problem


def test_server_that_breaks_every_connection(start: Start, approve: Approve, send: Send) -> None:
    """After ten broken connections the server is taken to be the reason, and the rest wait."""
    server = start()
    names = [f"r{number:02}" for number in range(14)]
    server.script = {f"{name}@kunta.example": ["drop rcpt"] for name in names}
    approve(*names)
    sent = send(server.port)
    assert set(states(sent).values()) == {"deferred"}
    assert server.connections == 10
    assert sent.problem is not None
    assert "breaks every connection" in sent.problem


def test_crash_between_opening_and_closing_is_parked(
    start: Start, approve: Approve, send: Send, corpus: Corpus, letterhead: Letterhead, clock: Clock
) -> None:
    """Where the program died with a delivery open, the next start parks it in doubt and sends to the others."""
    server = start()
    approve("anna", "bo")
    calls = iter(range(100))

    def mortal() -> datetime:
        if len(server.mails) == 1 and next(calls) == 0:
            raise KeyboardInterrupt  # the first mail is with the server, its delivery not yet closed
        return clock()

    transport = SmtpTransport(Smtp(host="127.0.0.1", port=server.port, security="none", auth="none"))
    with pytest.raises(KeyboardInterrupt):
        send_issue(corpus, KEY, transport=transport, letterhead=letterhead, clock=mortal)
    assert [delivery.state for delivery in corpus.issues.deliveries(KEY)] == ["sending", "pending"]
    sent = send(server.port)
    assert states(sent) == {"anna": "in_doubt", "bo": "sent"}
    assert (server.got(ANNA), server.got(BO)) == (1, 1)


def test_two_senders_do_not_meet(start: Start, approve: Approve, send: Send, corpus: Corpus) -> None:
    """While one process sends an issue, another is told so and sends nothing."""
    server = start()
    approve("anna")
    with corpus.issues.lock_sending(KEY) as held:
        assert held
        with pytest.raises(SentElsewhereError, match="another process"):
            send(server.port)
    assert server.mails == []
    assert send(server.port).is_complete


def test_only_what_is_approved_is_sent(approve: Approve, send: Send, corpus: Corpus) -> None:
    """An issue that is unknown or withdrawn is not sent."""
    with pytest.raises(IssueStateError, match="does not exist"):
        send(1)
    approve("anna")
    corpus.issues.void_approval(KEY, who="test", now=corpus.issues.all()[0].drafted_at)
    with pytest.raises(IssueStateError, match="is a draft"):
        send(1)


def test_language_that_was_not_approved(start: Start, approve: Approve, send: Send) -> None:
    """A recipient in a language that nothing was approved in is refused with that reason."""
    server = start()
    approve("anna:et:reader", "bo")
    sent = send(server.port)
    assert states(sent) == {"anna": "refused", "bo": "sent"}
    assert "nothing was approved in the language et" in reason(sent, ANNA)


def test_delivery_taken_by_somebody_else_is_left(
    start: Start, approve: Approve, corpus: Corpus, letterhead: Letterhead, clock: Clock
) -> None:
    """A delivery that another hand opened in the meantime is not sent a second time."""
    server = start()
    approve("anna", "bo")

    def meddle(delivery: Delivery) -> Links:
        if delivery.recipient == ANNA:
            assert corpus.issues.open_delivery(KEY, ANNA, message_id="<x@y.example>", now=clock())
        return Links()

    transport = SmtpTransport(Smtp(host="127.0.0.1", port=server.port, security="none", auth="none"))
    sent = send_issue(corpus, KEY, transport=transport, letterhead=letterhead, clock=clock, links=meddle)
    assert states(sent) == {"anna": "sending", "bo": "sent"}
    assert (server.got(ANNA), server.got(BO)) == (0, 1)


def hard(corpus: Corpus) -> dict[str, int]:
    """Return for each of three recipients how many issues came back for good."""
    names = ("anna", "bo", "cia")
    return {name: corpus.addresses.returned(f"{name}@kunta.example") for name in names}


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ("rcpt 550 5.1.1 no such user", 1),
        ("rcpt 550 no such user", 1),
        ("rcpt 553 not here", 1),
        ("rcpt 550 5.7.1 policy", 0),
        ("rcpt 552 5.2.2 full", 0),
        ("rcpt 554 no", 0),
        ("rcpt 550 5.1.8 your domain does not exist", 0),
        ("end 554 5.6.0 the mail is odd", 0),
        ("rcpt 450 4.1.1 later", 0),
    ],
    ids=str,
)
def test_refused_recipient_counts_as_bounce(
    start: Start, approve: Approve, send: Send, corpus: Corpus, said: str, counts: int
) -> None:
    """A refusal of an address counts as a report of it would; what is not the address' fault does not."""
    server = start()
    server.script["anna@kunta.example"] = [said]
    approve("anna", "bo", "cia")
    send(server.port)
    assert hard(corpus) == {"anna": counts, "bo": 0, "cia": 0}


def test_server_that_refuses_everybody_suspends_nobody(
    start: Start, approve: Approve, send: Send, corpus: Corpus
) -> None:
    """Where nobody's mail is taken, our own set-up is at fault."""
    refused = ["rcpt 550 5.1.1 no such user"]
    server = start()
    server.script = {f"{name}@kunta.example": list(refused) for name in ("anna", "bo", "cia")}
    approve("anna", "bo", "cia")
    assert set(states(send(server.port)).values()) == {"refused"}
    assert hard(corpus) == {"anna": 0, "bo": 0, "cia": 0}


@pytest.mark.control("F11")
def test_sender_that_believes_every_answer_is_noticed(
    start: Start, approve: Approve, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that takes refusals for delays leaves recipients in a false state, and the same look finds it."""
    monkeypatch.setattr("digest.transport._PERMANENT", 600)
    with pytest.raises(AssertionError):
        test_one_bad_recipient_stops_no_other(start, approve, send)
