"""The scheduler: runs what is due, one scheduler at a time, and APScheduler to look when something may be."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from programme.errors import KuntakaikuError, MisuseError
from runtime.aside import perform_aside
from runtime.clock import machine_clock
from runtime.due import (
    DRAFT,
    FAILED_PAUSE,
    TRAIN,
    UPKEEP,
    Due,
    due_digests,
    due_now,
    due_rounds,
    due_training,
    due_upkeep,
)
from runtime.perform import CLASSIFY, perform

if TYPE_CHECKING:
    from apscheduler.events import JobExecutionEvent
    from apscheduler.schedulers.background import BackgroundScheduler

    from collector.round import Overheard
    from corpus.ledger import RunState
    from programme.types import SourceSettings
    from runtime.wiring import Program

LOOK_EVERY = timedelta(seconds=30)
"""How often the weekly jobs and deferred deliveries are looked at."""
_PATIENCE = timedelta(seconds=4)
"""How long a job may go on after the program is asked to end."""
_THREADS = 4
_NAME = "scheduler"

Heavy = Callable[["Program", Due], "tuple[RunState, dict[str, int], str | None]"]
"""``perform`` in this process, or ``perform_aside``."""


class AnotherRunsError(KuntakaikuError):
    """Another scheduler works on the same database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """What came of a due job."""

    job: str
    slot_at: datetime
    state: str
    """done, partly, failed, or abandoned where the program was asked to end."""
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


@contextmanager
def sole_scheduler(program: "Program") -> Iterator[None]:
    """Be the only scheduler of a database, and free the slots of one that died.

    The lock ends with its process, whatever ends that; so a slot that is still running belongs to nobody alive. What
    is run again is harmless: jobs may run twice, and a delivery that was open is parked as in doubt.

    Raises:
        AnotherRunsError: another one is running.
    """
    ledger = program.corpus.ledger
    with ledger.alone(_NAME) as held:
        if not held:
            raise AnotherRunsError(
                "Another scheduler is running on this database.", "Let it work, or end it before you start this one."
            )
        ledger.free_abandoned(now=program.clock())
        yield


def fire(program: "Program", due: Due, heavy: Heavy = perform) -> Fired | None:
    """Run a due job unless somebody has already taken its slot; its end stands in the run ledger.

    Upkeep that found nothing to do is not told.

    Args:
        program: the house.
        due: the job.
        heavy: does classification, drafts and sendings.
    """
    ledger, now = program.corpus.ledger, program.clock()
    failed_before = None if due.source else now - FAILED_PAUSE  # a source's next slot comes soon enough
    run = ledger.claim(due.job, due.slot_at, now=now, source=due.source, failed_before=failed_before)
    if run is None:
        return None
    state: RunState
    try:
        state, counts, problem = _perform(program, due, heavy)
    except KuntakaikuError as error:
        state, counts, problem = "failed", {}, str(error)
    except BaseException as error:
        state = "failed" if isinstance(error, Exception) else "abandoned"
        ledger.finish(run, state=state, now=program.clock(), problem=type(error).__name__)
        raise
    if program.stop.is_set() and state != "done":
        state = "abandoned"  # it was cut short, and is taken up again
    ledger.finish(run, state=state, now=program.clock(), counts=counts, problem=problem)
    if due.job == UPKEEP and state == "done" and not any(counts.values()):
        return None
    return Fired(job=due.job, slot_at=due.slot_at, state=state, problem=problem, counts=counts)


def _perform(program: "Program", due: Due, heavy: Heavy) -> "tuple[RunState, dict[str, int], str | None]":
    from runtime.jobs import classify, collect, redact, sweep

    if due.source:
        rounds = collect.collect(program, [due.source])
        sweep.sweep(program, [due.source])
        redact.redact(program)
        with program.counting:
            classify.catch_up(program, lambda: heavy(program, Due(job=CLASSIFY, slot_at=due.slot_at)))
        return collect.standing(rounds)
    with program.counting if due.job in (DRAFT, TRAIN) else nullcontext():
        return heavy(program, due)


def run_due(program: "Program") -> list[Fired]:
    """Run whatever is due, one after another; one failure never stops the others.

    Raises:
        AnotherRunsError: another scheduler does so.
    """
    with sole_scheduler(program):
        fired = [fired for due in due_now(program) if (fired := fire(program, due))]
        alerted = mail_alerts(program)
        return [*fired, alerted] if alerted else fired


def mail_alerts(program: "Program") -> Fired | None:
    """Tell administrators of trouble, and return what came of it; None where there was nothing to tell."""
    from runtime.jobs import alerts

    now = program.clock()
    try:
        counts = alerts.alert(program)
    except KuntakaikuError as error:
        return Fired(job=alerts.JOB, slot_at=now, state="failed", problem=str(error), counts={})
    if counts is None:
        return None
    state, problem = alerts.ended(counts)
    return Fired(job=alerts.JOB, slot_at=now, state=state, problem=problem, counts=counts)


def run_forever(program: "Program", tell: Callable[[Fired], None], tell_fault: Callable[[BaseException], None]) -> bool:
    """Run jobs when due until SIGTERM or SIGINT, and return whether all of them had ended 4 s later.

    APScheduler only says when to look. What is due, and that nobody else has it, is decided by the ledger, so that
    clocks that go back and restarts neither skip nor repeat anything. Where a job had not ended, the caller leaves by
    ``os._exit``: the next scheduler takes it up.

    Raises:
        AnotherRunsError: another scheduler is running.
    """

    def look(find: Callable[[], list[Due]]) -> None:
        for due in find():
            if not program.stop.is_set() and (fired := fire(program, due, perform_aside)):
                tell(fired)

    def look_for_trouble() -> None:
        if not program.stop.is_set() and (alerted := mail_alerts(program)):
            tell(alerted)

    with sole_scheduler(program), stopping(program.stop):
        scheduler = _scheduler(tell_fault)
        for source in program.configuration.enabled_sources:
            _look_every(scheduler, source.every, partial(look, partial(due_rounds, program, source.name)))
        _look_every(scheduler, LOOK_EVERY, partial(look, partial(due_digests, program)))
        _look_every(scheduler, LOOK_EVERY, partial(look, partial(due_upkeep, program)))
        _look_every(scheduler, LOOK_EVERY, partial(look, partial(due_training, program)))
        # Not at once: what a source was before the program rested is old; its first round tells.
        _look_every(scheduler, LOOK_EVERY, look_for_trouble, first_after=LOOK_EVERY)
        scheduler.start()
        ears = [
            _started(partial(_listen, program, source, tell, tell_fault))
            for source in program.configuration.enabled_sources
            if source.stream is not None
        ]
        program.stop.wait()
        asked_at = monotonic()
        ends = [_started(scheduler.shutdown), *ears]
        for end in ends:
            end.join(max(_PATIENCE.total_seconds() - (monotonic() - asked_at), 0))
        return not any(end.is_alive() for end in ends)


def _started(work: Callable[[], None]) -> threading.Thread:
    """Return a thread at work that does not keep the process alive."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def _listen(
    program: "Program",
    source: "SourceSettings",
    tell: Callable[[Fired], None],
    tell_fault: Callable[[BaseException], None],
) -> None:
    """Listen to a source's stream until the program is asked to end; whatever goes wrong, it begins again."""
    from runtime.jobs import stream

    def ended(began_at: datetime, found: "Overheard") -> None:
        state, counts = stream.standing(found)
        tell(Fired(job=f"stream {source.name}", slot_at=began_at, state=state, problem=found.problem, counts=counts))

    while not program.stop.is_set():
        try:
            stream.follow(program, source, ended)
        except Exception as error:  # noqa: BLE001  # a full disk or a database that is away must not end it for good
            if not program.stop.is_set():
                tell_fault(error)
                program.rest(FAILED_PAUSE.total_seconds() / 15)


def _scheduler(tell_fault: Callable[[BaseException], None]) -> "BackgroundScheduler":
    from apscheduler.events import EVENT_JOB_ERROR
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(_THREADS)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )

    def tell(event: "JobExecutionEvent") -> None:
        tell_fault(event.exception)

    scheduler.add_listener(tell, EVENT_JOB_ERROR)
    return scheduler


def _look_every(
    scheduler: "BackgroundScheduler",
    every: timedelta,
    look: Callable[[], None],
    *,
    first_after: timedelta = timedelta(),
) -> None:
    from apscheduler.triggers.interval import IntervalTrigger

    trigger = IntervalTrigger(seconds=max(int(every.total_seconds()), 1), timezone="UTC")
    scheduler.add_job(look, trigger, next_run_time=machine_clock() + first_after)


@contextmanager
def stopping(stop: threading.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set the event, and give the signals back afterwards."""

    def ask(number: int, frame: object) -> None:
        del number, frame
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
