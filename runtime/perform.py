"""The heavy jobs of the scheduler: classification, retention, returned mails, drafts, and what sends an issue."""

from typing import TYPE_CHECKING

from programme.errors import MisuseError
from runtime.due import BOUNCES, DRAFT, RETRY, UPKEEP, Due

if TYPE_CHECKING:
    from corpus.ledger import RunState
    from programme.week import Week
    from runtime.wiring import Program

CLASSIFY = "classify"
"""What follows a round that brought something; no job of the run ledger."""


def perform(program: "Program", due: Due) -> "tuple[RunState, dict[str, int], str | None]":
    """Do a heavy job, and return its state in the run ledger, counts, and the problem in words.

    Raises:
        MisuseError: the job names no week.
    """
    if due.job == CLASSIFY:
        from runtime.jobs import classify

        classify.classify(program)
        return "done", {}, None
    if due.job == UPKEEP:
        from runtime.jobs import retain

        kept = retain.retain(program)
        return ("done" if kept.complete else "partly"), dict(kept.counts), None
    if due.job == BOUNCES:
        from runtime.jobs import bounces

        return bounces.ended(bounces.read_bounces(program))
    if due.week is None:
        raise MisuseError(f"{due.job} names neither a source nor a week.")
    from runtime.jobs import digest

    if due.job == DRAFT:
        _draft(program, due.week)
        return "done", {}, None
    if due.job.startswith(RETRY):
        key = due.job.removeprefix(RETRY).strip()
        return digest.standing(digest.send(program, due.week, only_due=True, key=key))
    return _send(program, due.week)


def _draft(program: "Program", week: "Week") -> None:
    from runtime.jobs import digest

    stored = program.corpus.issues.get(str(week))
    if stored is None or stored.state == "draft":
        digest.draft(program, week, who="schedule")


def _send(program: "Program", week: "Week") -> "tuple[RunState, dict[str, int], str | None]":
    """Send an issue, approved by its deadline if by nobody; what was taken back until then is not mailed."""
    from runtime.jobs import digest, sweep

    stored = program.corpus.issues.get(str(week))
    if stored is not None and stored.state in ("draft", "approved"):
        sweep.sweep(program, only=digest.shown_posts(stored))
        if stored.state == "draft" or digest.void_where_buried(program, week, who="schedule"):
            digest.approve(program, week, who="deadline", reviewed=False)
    return digest.standing(digest.send(program, week, only_due=True))
