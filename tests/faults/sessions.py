"""Scripted mail servers: what each recipient's server says at each try, drawn from a seed, and what must be true after.

A sender may die between any two steps; a person settles what is in doubt after looking into the mailbox.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from corpus.issues import Delivery, StoredIssue
from corpus.rendering import Rendering
from corpus.store import Corpus
from digest.mail import Letterhead
from digest.outbox import PATIENCE, Sent, send_issue
from digest.transport import Line, Outcome, SmtpTransport
from programme.types import Recipient, Smtp
from tests.digest.delivery.conftest import Scripted, Server, listening

KEY = "2026-W47"
RECIPIENTS = 10
"""Of one seed."""
_START = datetime(2026, 11, 23, 6, tzinfo=UTC)
_STEPS = (
    "ok", "rcpt 450 4.2.1 later", "rcpt 451 4.7.1 greylisted", "rcpt 550 5.1.1 no such user", "rcpt 421 4.7.0 go",
    "data 451 4.3.0 busy", "data 554 5.7.1 no", "end 452 4.3.1 full", "end 554 5.6.0 odd",
    "drop rcpt", "drop data", "drop end",
)  # fmt: skip
_LETTERHEAD = Letterhead(sender="Kooste <kooste@kunta.example>", list_name="Kunnat", list_slug="kunnat")
Sender = Callable[[Corpus, SmtpTransport, Callable[[], datetime]], object]


class DeathError(BaseException):
    """The sender is killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """The figures of some seeds."""

    recipients: int = 0
    tries: int = 0
    """Conversations about one recipient."""
    deaths: int = 0
    doubts: int = 0
    """Deliveries that a person had to settle."""

    def __add__(self, other: "Sessions") -> "Sessions":
        return Sessions(
            recipients=self.recipients + other.recipients,
            tries=self.tries + other.tries,
            deaths=self.deaths + other.deaths,
            doubts=self.doubts + other.doubts,
        )


class _Mortal:
    """A transport whose sender dies at a line's chosen step: before a mail leaves, or before its end is noted."""

    def __init__(self, inner: SmtpTransport, chance: Random) -> None:
        self._inner = inner
        self._chance = chance

    @contextmanager
    def open(self, *, sender: str) -> Iterator[Line]:
        """Yield a line that may be the last."""
        with self._inner.open(sender=sender) as line:
            yield _Line(line, self._chance)


class _Line(Line):
    def __init__(self, inner: Line, chance: Random) -> None:
        self._inner = inner
        self._chance = chance

    def send(self, message, *, sender: str, recipient: str) -> Outcome:  # type: ignore[no-untyped-def]  # noqa: ANN001 - as the line's
        """Die before, after, or not."""
        fate = self._chance.random()
        if fate < 0.03:
            raise DeathError
        outcome = self._inner.send(message, sender=sender, recipient=recipient)
        if fate > 0.97:
            raise DeathError
        return outcome


def honest(corpus: Corpus, transport: SmtpTransport, clock: Callable[[], datetime]) -> Sent:
    """Send as the product does."""
    return send_issue(corpus, KEY, transport=transport, letterhead=_LETTERHEAD, clock=clock, only_due=True)


def with_checkpoint(corpus: Corpus, transport: SmtpTransport, clock: Callable[[], datetime]) -> None:
    """Send as peers do that were hurt: whoever was fetched counts as mailed, before the mail has left."""
    from digest.mail import build_message, message_id

    batch = corpus.issues.due(KEY, clock())
    for one in batch:
        corpus.issues.open_delivery(KEY, one.recipient, message_id=message_id(KEY, one.recipient, "x"), now=clock())
        corpus.issues.close_delivery(KEY, one.recipient, state="sent", reason=None, now=clock())
    rendering = corpus.issues.renderings(KEY)[0]
    for one in batch:
        message = build_message(
            rendering,
            letterhead=_LETTERHEAD,
            recipient=one.recipient,
            identity=message_id(KEY, one.recipient, "x"),
            date=clock(),
        )
        with transport.open(sender=_LETTERHEAD.address) as line:
            line.send(message, sender=_LETTERHEAD.address, recipient=one.recipient)


def run(seed: int, corpus: Corpus, sender: Sender = honest) -> Sessions:
    """Send the issue of a seed to its end and return its figures.

    Raises:
        AssertionError: somebody was mailed twice, or a state is not true.
    """
    chance = Random(seed)
    people = [f"r{number}@kunta.example" for number in range(RECIPIENTS)]
    approve(corpus, people)
    server = Server(script={one: chance.choices(_STEPS, k=chance.randint(0, 4)) for one in people})
    with listening(lambda loop: lambda: Scripted(server, loop=loop), None) as port:
        smtp = Smtp(host="127.0.0.1", port=port, security="none", auth="none", timeout=5.0)
        deaths, doubts = _to_the_end(corpus, _Mortal(SmtpTransport(smtp), chance), server, sender)
        _check(corpus, server, people)
        tries = sum(command.startswith("RCPT") for command in server.commands)
    return Sessions(recipients=len(people), tries=tries, deaths=deaths, doubts=doubts)


def approve(corpus: Corpus, people: list[str]) -> None:
    """Approve the issue for some people."""
    corpus.issues.save_draft(
        StoredIssue(key=KEY, state="draft", numbers={}, drafted_at=_START, corpus_fingerprint="", model=None)
    )
    rendering = Rendering(issue=KEY, language="fi", role="reader", subject="s", text="t\n", html="<p>t</p>")
    named = [Recipient(address=one, language="fi", role="reader") for one in people]
    corpus.issues.approve(KEY, [rendering], named, who="test", now=_START)


def _to_the_end(corpus: Corpus, transport: object, server: Server, sender: Sender) -> tuple[int, int]:
    """Send until the patience is over, with a person who settles doubts in between; return deaths and doubts."""
    now, deaths, doubts = _START, 0, 0
    while now < _START + PATIENCE + timedelta(hours=12):
        try:
            sender(corpus, transport, lambda: now)  # type: ignore[arg-type]  # noqa: B023 - called before now moves on
        except DeathError:
            deaths += 1
            continue  # another process starts at once
        doubts += sum(_settle(corpus, one, server, now) for one in corpus.issues.deliveries(KEY))
        if all(one.state in ("sent", "refused") for one in corpus.issues.deliveries(KEY)):
            break
        now += timedelta(hours=4)
    return deaths, doubts


def _settle(corpus: Corpus, delivery: Delivery, server: Server, now: datetime) -> bool:
    """Tell of a delivery in doubt what the mailbox holds."""
    arrived = server.got(delivery.recipient) > 0
    state = "sent" if arrived else "pending"
    return corpus.issues.settle_delivery(KEY, delivery.recipient, state=state, who="person", now=now)  # type: ignore[arg-type]  # one of two states


def _check(corpus: Corpus, server: Server, people: list[str]) -> None:
    states = {one.recipient: one.state for one in corpus.issues.deliveries(KEY)}
    assert sorted(states) == sorted(people), "somebody is in no state"
    for one in people:
        got = server.got(one)
        assert got <= 1, f"{one} was mailed {got} times"
        assert (states[one] == "sent") == (got == 1), f"{one} is {states[one]} and has {got} mails"
        assert states[one] in ("sent", "refused"), f"{one} is {states[one]} at the end"
