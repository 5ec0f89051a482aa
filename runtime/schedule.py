"""The scheduler: what is due by the run ledger, and APScheduler to look when it may be."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError, MisuseError
from programme.week import Week
from runtime.slots import WeeklyTime, due_slots, interval_slot

if TYPE_CHECKING:
    from corpus.ledger import RunState
    from runtime.wiring import Program

DRAFT, AUTO_SEND, RETRY = "digest draft", "digest auto-send", "digest retry"
LOOK_EVERY = timedelta(seconds=30)
"""How often the weekly jobs and deferred deliveries are looked at."""
RETRY_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One job that is due."""

    job: str
    """Name in the run ledger; unique together with the slot."""
    slot_at: datetime
    """The scheduled instant, however late the program comes to it."""
    source: str | None = None
    week: Week | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """What came of a due job."""

    job: str
    slot_at: datetime
    state: str
    """done, partly or failed."""
    problem: str | None
    counts: dict[str, int]

    def as_json(self) -> dict[str, object]:
        """Return it for ``run --once --json``."""
        return {
            "job": self.job,
            "slot_at": self.slot_at.isoformat(),
            "state": self.state,
            "problem": self.problem,
            "counts": self.counts,
        }


def refuse_without_privacy(program: "Program") -> None:
    """Refuse to go live while nobody has said who is responsible for the personal data.

    Raises:
        MisuseError: the privacy keys are not filled in.
    """
    if missing := program.configuration.site.privacy.missing:
        raise MisuseError(
            f"site.toml: [privacy] lacks {', '.join(missing)}.",
            "Fill the keys in: the privacy notice is made from them, and people have a right to it.",
        )


def due_now(program: "Program") -> list[Due]:
    """Return what is due: each source's round, then what the digest waits for."""
    return due_rounds(program) + due_digests(program)


def due_rounds(program: "Program", source: str | None = None) -> list[Due]:
    """Return the round of each enabled source, or of one, at its latest slot."""
    now = program.clock()
    return [
        Due(job=f"collect {one.name}", slot_at=interval_slot(one.every, now), source=one.name)
        for one in program.configuration.enabled_sources
        if source in (None, one.name)
    ]


def due_digests(program: "Program") -> list[Due]:
    """Return drafts since the last one recorded, drafts whose review time is over, and deferred deliveries."""
    now = program.clock()
    ledger, zone = program.corpus.ledger, program.configuration.programme.zone
    weekly = WeeklyTime.written(program.configuration.delivery.draft)
    slots = due_slots(weekly, zone, after=ledger.last_slot(DRAFT), now=now)
    drafts = [Due(job=DRAFT, slot_at=slot, week=week) for week, slot in slots]
    return drafts + _due_sendings(program, now)


def _due_sendings(program: "Program", now: datetime) -> list[Due]:
    due = []
    for issue in program.corpus.issues.all():
        week = Week.named(issue.key)
        if issue.state == "draft":
            deadline = review_deadline(program, week, issue.drafted_at)
            if deadline and deadline <= now:
                due.append(Due(job=AUTO_SEND, slot_at=deadline, week=week))
        elif issue.state == "sending" and program.corpus.issues.due(issue.key, now):
            due.append(Due(job=f"{RETRY} {week}", slot_at=interval_slot(RETRY_EVERY, now), week=week))
    return due


def review_deadline(program: "Program", week: Week, drafted_at: datetime) -> datetime | None:
    """Return when an unreviewed draft of a week is sent; None: never.

    A draft made late, since the machine was off, leaves the editors as long to look at it as one made on time.
    """
    delivery, zone = program.configuration.delivery, program.configuration.programme.zone
    if delivery.auto_send is None:
        return None
    after = week.plus(1)
    drafted = WeeklyTime.written(delivery.draft).in_week(after, zone)
    deadline = WeeklyTime.written(delivery.auto_send).in_week(after, zone)
    if deadline < drafted:
        deadline = WeeklyTime.written(delivery.auto_send).in_week(after.plus(1), zone)
    return max(deadline, drafted_at + (deadline - drafted))


def fire(program: "Program", due: Due) -> Fired | None:
    """Run a due job unless somebody has already taken its slot; its end stands in the run ledger."""
    ledger = program.corpus.ledger
    run = ledger.claim(due.job, due.slot_at, now=program.clock(), source=due.source)
    if run is None:
        return None
    state: RunState
    try:
        state, counts, problem = _perform(program, due)
    except KuntakaikuError as error:
        state, counts, problem = "failed", {}, str(error)
    ledger.finish(run, state=state, now=program.clock(), counts=counts, problem=problem)
    return Fired(job=due.job, slot_at=due.slot_at, state=state, problem=problem, counts=counts)


def _perform(program: "Program", due: Due) -> "tuple[RunState, dict[str, int], str | None]":
    from runtime.jobs import classify, collect, digest

    if due.source:
        rounds = collect.collect(program, [due.source])
        classify.classify(program)
        return collect.standing(rounds)
    if due.week is None:
        raise MisuseError(f"{due.job} names neither a source nor a week.")
    if due.job == DRAFT:
        digest.draft(program, due.week, who="schedule")
        return "done", {}, None
    if due.job == AUTO_SEND:
        digest.approve(program, due.week, who="deadline", reviewed=False)
    return digest.standing(digest.send(program, due.week, only_due=True))


def run_due(program: "Program") -> list[Fired]:
    """Run whatever is due, one after another; one failure never stops the others."""
    return [fired for due in due_now(program) if (fired := fire(program, due))]


def run_forever(program: "Program", tell: Callable[[Fired], None]) -> None:
    """Run jobs when due until asked to stop; stops within 5 s of SIGTERM or SIGINT.

    APScheduler only says when to look. What is due, and that nobody else has it, is decided by the ledger, so that
    clocks that go back, restarts and a second scheduler neither skip nor repeat anything.
    """
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.interval import IntervalTrigger

    def look(find: Callable[[], list[Due]]) -> None:
        for due in find():
            if not program.stop.is_set() and (fired := fire(program, due)):
                tell(fired)

    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(4)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for source in program.configuration.enabled_sources:
        every = IntervalTrigger(seconds=max(int(source.every.total_seconds()), 1))
        scheduler.add_job(look, every, args=[partial(due_rounds, program, source.name)])
    scheduler.add_job(
        look, IntervalTrigger(seconds=int(LOOK_EVERY.total_seconds())), args=[partial(due_digests, program)]
    )
    with _stopping(program.stop):
        scheduler.start()
        look(partial(due_now, program))
        program.stop.wait()
        scheduler.shutdown(wait=False)


class _stopping:  # noqa: N801 - a context manager is read as a verb
    """Sets the event on SIGTERM and SIGINT, and gives the signals back afterwards."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def __enter__(self) -> None:
        self._before = {number: signal.signal(number, self._set) for number in (signal.SIGTERM, signal.SIGINT)}

    def _set(self, number: int, frame: object) -> None:
        del number, frame
        self._stop.set()

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
