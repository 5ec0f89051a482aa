"""The heavy jobs of the scheduler: classification, retention, returned mails, drafts, and what sends an issue."""

from typing import TYPE_CHECKING

from programme.errors import MisuseError
from runtime.due import BACKUP, BOUNCES, DRAFT, NOTE_RETRY, RETRY, TRAIN, TREND_NOTE, UPKEEP, Due

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from corpus.ledger import RunState
    from programme.week import Week
    from runtime.wiring import Program

    Ended = tuple[RunState, dict[str, int], str | None]
    """State in the run ledger, counts, and the problem in words."""

CLASSIFY = "classify"
"""What follows a round that brought something; no job of the run ledger."""
_DONE: "Ended" = ("done", {}, None)


def perform(program: "Program", due: Due) -> "Ended":
    """Do a heavy job, and return its state in the run ledger, counts, and the problem in words.

    Raises:
        MisuseError: the job names no week.
    """
    if due.job in _UPKEEP:
        return _UPKEEP[due.job](program)
    if due.job.startswith(NOTE_RETRY):
        return _send_note_on(program, due.job.removeprefix(NOTE_RETRY).strip())
    if due.week is None:
        raise MisuseError(f"{due.job} names neither a source nor a week.")
    if due.job == DRAFT:
        _draft(program, due.week)
        return _DONE
    if due.job.startswith(RETRY):
        return _send_on(program, due.week, due.job.removeprefix(RETRY).strip())
    return _send(program, due.week)


def _classify(program: "Program") -> "Ended":
    from runtime.jobs import classify

    classify.classify(program)
    return _DONE


def _train(program: "Program") -> "Ended":
    from runtime.jobs import train

    return train.retrain(program)


def _retain(program: "Program") -> "Ended":
    from runtime.jobs import drift, retain

    kept = retain.retain(program)
    drift.note(program, trained=False)
    return ("done" if kept.complete else "partly"), dict(kept.counts), None


def _bounces(program: "Program") -> "Ended":
    from runtime.jobs import bounces

    return bounces.ended(bounces.read_bounces(program))


def _backup(program: "Program") -> "Ended":
    from runtime.jobs import kept_backups

    return kept_backups.make(program)


def _trend_note(program: "Program") -> "Ended":
    from runtime.jobs import note_life

    return note_life.draft_last_month(program)


def _send_note_on(program: "Program", key: str) -> "Ended":
    from runtime.jobs import note_life

    return note_life.send_note_on(program, key)


_UPKEEP: "Mapping[str, Callable[[Program], Ended]]" = {
    CLASSIFY: _classify,
    TRAIN: _train,
    UPKEEP: _retain,
    BOUNCES: _bounces,
    BACKUP: _backup,
    TREND_NOTE: _trend_note,
}


def _send_on(program: "Program", week: "Week", key: str) -> "Ended":
    from runtime.jobs import digest

    return digest.standing(digest.send(program, week, only_due=True, key=key))


def _draft(program: "Program", week: "Week") -> None:
    from runtime.jobs import digest

    stored = program.corpus.issues.get(str(week))
    if stored is None or stored.state == "draft":
        digest.draft(program, week, who="schedule")


def _send(program: "Program", week: "Week") -> "Ended":
    """Send an issue, approved by its deadline if by nobody; what was taken back until then is not mailed."""
    from runtime.jobs import digest, sweep

    stored = program.corpus.issues.get(str(week))
    if stored is not None and stored.state in ("draft", "approved"):
        sweep.sweep(program, only=digest.shown_posts(program, stored))
        if stored.state == "draft" or digest.void_where_buried(program, week, who="schedule"):
            digest.approve(program, week, who="deadline", reviewed=False)
    return digest.standing(digest.send(program, week, only_due=True))
