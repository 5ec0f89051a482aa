"""Sends an approved issue: each recipient gets it once, or stands in exactly one true state that says why not.

A delivery is opened, durably, before its mail goes out, and closed after. What a crash leaves open is parked as in
doubt at the next start: nobody is mailed twice because a program did not know.
"""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

from corpus.addresses import Returned
from corpus.issues import Delivery, Issues, IssueStateError
from corpus.rendering import Rendering
from corpus.store import Corpus
from digest.bounce import is_for_good
from digest.mail import Letterhead, build_message, message_id
from digest.slots import Links
from digest.transport import Line, NoLineError, Outcome
from programme.errors import KuntakaikuError

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=15), timedelta(hours=8)
PATIENCE = timedelta(days=2)
"""How long a deferred delivery is tried before it counts as refused; RFC 5321, 4.5.4.1, asks for days, not hours."""
_BREAKS_IN_A_ROW = 10
"""Lines that break at their first mail, one after another, before the server is blamed and not its recipients."""
_ALWAYS = datetime.max.replace(tzinfo=UTC)


class Transport(Protocol):
    """What mails are handed to."""

    def open(self, *, sender: str) -> AbstractContextManager[Line]:
        """Return a line for as long as the context lasts.

        Raises:
            NoLineError: there is none to be had.
        """


class SentElsewhereError(KuntakaikuError):
    """Another process is sending the issue at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Where each delivery of an issue stands."""

    deliveries: tuple[Delivery, ...]
    problem: str | None = None
    """Why the mail server could not be used, with the remedy; None where it could."""

    @property
    def is_complete(self) -> bool:
        """Whether everybody has the issue."""
        return all(delivery.state == "sent" for delivery in self.deliveries)

    def as_json(self) -> dict[str, object]:
        """Return the deliveries as the command line prints them."""
        return {
            "deliveries": [
                {"recipient": each.recipient, "state": each.state, "reason": each.reason} for each in self.deliveries
            ]
        }


def send_issue(
    corpus: Corpus,
    key: str,
    *,
    transport: Transport,
    letterhead: Letterhead,
    clock: Callable[[], datetime],
    links: Callable[[Delivery], Links] = lambda _: Links(),
    replies_to: Mapping[str, str] | None = None,
    only_due: bool = False,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Sent:
    """Try every open delivery of an approved issue once and return where all stand.

    A server that cannot be used defers every delivery. ``replies_to`` has, for a correction, the Message-ID of each
    recipient's mail that it corrects.

    ``only_due`` keeps the pauses between tries, as the schedule does; without it a person has asked, and deferred
    deliveries are tried now. One recipient's failure stops no other. When the program is to end, the mail in hand is
    the last; the others stay as they are.

    Raises:
        IssueStateError: the issue is not approved.
        SentElsewhereError: another process is sending it.
    """
    issues = corpus.issues
    issue = issues.get(key)
    if issue is None or issue.state == "draft":
        what = "does not exist" if issue is None else "is a draft"
        raise IssueStateError(f"The issue {key} {what}.", "Approve it first: kuntakaiku digest approve.")
    with issues.lock_sending(key) as held:
        if not held:
            raise SentElsewhereError(f"The issue {key} is being sent by another process.", "Let it finish.")
        issues.recover(key, clock())
        round_ = _Round(issues, key, letterhead=letterhead, clock=clock, links=links, is_stopping=is_stopping)
        round_.replies_to = replies_to or {}
        problem = round_.run(transport, issues.due(key, clock() if only_due else _ALWAYS))
        deliveries = tuple(issues.deliveries(key))
        if any(each.state == "sent" for each in deliveries):
            # Where a server refuses everybody, our own set-up is at fault and no address.
            for refusal in round_.refusals:
                corpus.addresses.note(refusal, now=clock())
        if not any(each.state in ("pending", "deferred", "sending") for each in deliveries):
            issues.mark_sent(key, clock())
    return Sent(deliveries=deliveries, problem=problem)


def next_pause(attempts: int) -> timedelta | None:
    """Return how long to wait after a number of failed tries, or None where it is time to give up.

    Pauses double from a quarter of an hour to eight hours.
    """
    pauses = [min(FIRST_PAUSE * 2 ** min(tried, 10), LONGEST_PAUSE) for tried in range(attempts)]
    return pauses[-1] if sum(pauses, timedelta()) <= PATIENCE else None


class _Round:
    """One walk over the deliveries of an issue."""

    def __init__(
        self,
        issues: Issues,
        key: str,
        *,
        letterhead: Letterhead,
        clock: Callable[[], datetime],
        links: Callable[[Delivery], Links],
        is_stopping: Callable[[], bool],
    ) -> None:
        self._issues = issues
        self._key = key
        self._letterhead = letterhead
        self._clock = clock
        self._links = links
        self._is_stopping = is_stopping
        self.replies_to: Mapping[str, str] = {}
        self.refusals: list[Returned] = []
        """Of addresses that will not take mail another time either."""
        self._renderings = {(each.language, each.role): each for each in issues.renderings(key)}

    def run(self, transport: Transport, due: list[Delivery]) -> str | None:
        """Try each delivery once; return why the server could not be used, or None."""
        queue = deque(due)
        stillborn = 0
        while queue and not self._is_stopping():
            try:
                with transport.open(sender=self._letterhead.address) as line:
                    tried, last = self._along(line, queue)
            except NoLineError as error:
                return self._defer(queue, str(error))
            stillborn = stillborn + 1 if tried == 1 else 0
            if queue and stillborn >= _BREAKS_IN_A_ROW:
                return self._defer(queue, f"The mail server breaks every connection: {last.reason}.")
        return None

    def _along(self, line: Line, queue: deque[Delivery]) -> tuple[int, Outcome]:
        """Send along one line until it breaks or the queue is empty; return how many were tried, and the last end."""
        tried, outcome = 0, Outcome(ending="sent")
        while queue and not outcome.line_is_broken and not self._is_stopping():
            delivery = queue.popleft()
            outcome = self._send(line, delivery)
            tried += 1
        if tried > 1 and outcome.line_is_broken and not outcome.recipient_was_named:
            # Servers end a line after so many mails, or after a pause: its next one deserves a line of its own at once.
            queue.appendleft(replace(delivery, attempts=delivery.attempts + 1))
        return tried, outcome

    def _send(self, line: Line, delivery: Delivery) -> Outcome:
        rendering = self._rendering(delivery)
        # Built before the delivery is opened: what fails here must not leave it in doubt.
        message = self._message(rendering, delivery) if rendering else None
        if not self._open(delivery):
            return Outcome(ending="deferred", reason="it was not due any more")
        if message is None:
            outcome = Outcome(ending="refused", reason=f"nothing was approved in the language {delivery.language}")
        else:
            outcome = line.send(message, sender=self._letterhead.address, recipient=delivery.recipient)
        self._close(delivery, outcome)
        if outcome.ending == "refused" and is_for_good(outcome.status):
            self.refusals.append(
                Returned(
                    report=f"at once {self._identity(delivery)}",
                    issue=self._key,
                    recipient=delivery.recipient,
                    status=outcome.status,
                    said=outcome.reason or "",
                    is_hard=True,
                )
            )
        return outcome

    def _defer(self, queue: deque[Delivery], reason: str) -> str:
        for delivery in queue:
            if self._open(delivery):
                self._close(delivery, Outcome(ending="deferred", reason=reason))
        return reason

    def _rendering(self, delivery: Delivery) -> Rendering | None:
        own = self._renderings.get((delivery.language, delivery.role))
        return own or self._renderings.get((delivery.language, "reader"))

    def _message(self, rendering: Rendering, delivery: Delivery) -> EmailMessage:
        return build_message(
            rendering,
            letterhead=self._letterhead,
            recipient=delivery.recipient,
            identity=self._identity(delivery),
            date=self._clock(),
            links=self._links(delivery),
            replies_to=self.replies_to.get(delivery.recipient),
        )

    def _identity(self, delivery: Delivery) -> str:
        return delivery.message_id or message_id(self._key, delivery.recipient, self._letterhead.domain)

    def _open(self, delivery: Delivery) -> bool:
        return self._issues.open_delivery(
            self._key, delivery.recipient, message_id=self._identity(delivery), now=self._clock()
        )

    def _close(self, delivery: Delivery, outcome: Outcome) -> None:
        now, ending, reason, next_try_at = self._clock(), outcome.ending, outcome.reason, None
        if ending == "deferred":
            pause = next_pause(delivery.attempts + 1)
            if pause is None:
                ending, reason = "refused", f"given up after {delivery.attempts + 1} tries: {reason}"
            else:
                next_try_at = now + pause
        self._issues.close_delivery(
            self._key, delivery.recipient, state=ending, reason=reason, now=now, next_try_at=next_try_at
        )
