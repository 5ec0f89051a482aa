"""Sending from the console, and what a person decides on deliveries in doubt."""

from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError
from programme.week import Week
from runtime.jobs.digest import send, standing, stored_issue

if TYPE_CHECKING:
    from console.desk import Decided
    from corpus.edits import Seen
    from corpus.issues import DeliveryState
    from corpus.ledger import Run
    from runtime.wiring import Program

JOB = "digest send-now"
"""In the run ledger, followed by the issue's key."""
_STATES: "dict[Decided, DeliveryState]" = {"sent": "sent", "again": "pending", "give_up": "refused"}


def settle(
    program: "Program", key: str, recipient: str, decided: "Decided", *, who: str, attempts: int | None = None
) -> bool:
    """Record what a person decided on a delivery in doubt, and return whether it was in doubt.

    ``attempts`` is how often it had been tried when the person looked.
    """
    return program.corpus.issues.settle_delivery(
        key, recipient, state=_STATES[decided], who=who, now=program.clock(), attempts=attempts
    )


def begin_sending(program: "Program", week: Week, *, who: str, seen: "Seen | None" = None) -> "Run":
    """Note that somebody has an approved issue sent now; ``send_on`` does it.

    Raises:
        IssueStateError: it is not approved.
        DraftChangedError: it is not the one that was looked at.
        MisuseError: nobody has drafted it.
    """
    from corpus.edits import DraftChangedError
    from corpus.issues import IssueStateError

    stored = stored_issue(program, week)
    if stored.state not in ("approved", "sending"):
        raise IssueStateError(f"The issue {stored.key} is {stored.state}, and is not sent.", "Approve it first.")
    if seen is not None and program.corpus.editing.get(stored.key).seen != seen:
        raise DraftChangedError(f"The issue {stored.key} is another one by now.", "Look at it again, then send it.")
    now = program.clock()
    program.corpus.ledger.audit(at=now, who=who, what="had the digest sent", subject=stored.key)
    return program.corpus.ledger.start(f"{JOB} {stored.key}", now=now)


def send_on(program: "Program", week: Week, run: "Run") -> None:
    """Send an issue to everybody who has not got it; how that ended stands in the run ledger."""
    try:
        state, counts, problem = standing(send(program, week))
    except KuntakaikuError as error:
        program.corpus.ledger.finish(run, state="failed", now=program.clock(), problem=str(error))
    except BaseException as error:
        program.corpus.ledger.finish(run, state="failed", now=program.clock(), problem=type(error).__name__)
        raise
    else:
        program.corpus.ledger.finish(run, state=state, now=program.clock(), counts=counts, problem=problem)


def last_sending(program: "Program", key: str) -> "Run | None":
    """Return the last time that somebody had an issue sent from the console; None: nobody has."""
    return next(iter(program.corpus.ledger.runs(job=f"{JOB} {key}", limit=1)), None)
