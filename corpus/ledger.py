# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What jobs and sources did: watermarks, runs, states, coverage, and who did what."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import msgspec

from corpus.alone import alone
from corpus.database import Database
from corpus.instants import to_instant, to_micros, to_optional_instant, to_optional_micros

State = Literal["ok", "empty", "failing", "refused", "rate_limited", "paused"]
HourState = Literal["covered", "empty", "failed", "rate_limited", "paused", "refused", "off"]
RunState = Literal["running", "done", "partly", "failed", "abandoned"]
"""Abandoned: whoever ran it died, or was told to end, before it was done; its slot may be claimed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """Up to where a source is completely collected."""

    source: str
    value: str
    """Opaque text of the source."""
    reached_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How far an import has come."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source fares."""

    source: str
    state: State
    since_at: datetime
    last_success_at: datetime | None = None
    resume_at: datetime | None = None
    """When the network may be asked again; None: at once."""
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCoverage:
    """What is known of one hour of a source."""

    source: str
    hour_at: datetime
    state: HourState
    posts: int = 0
    was: HourState | None = None
    """Of a collected hour: what it was before it was refilled; None where it was collected in its time."""
    refilled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One recorded execution of a job."""

    run_id: int
    job: str
    source: str | None
    slot_at: datetime | None
    """The scheduled instant; None where a person started it."""
    started_at: datetime
    ended_at: datetime | None
    state: RunState
    counts: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Who did what, without a post's text."""

    at: datetime
    who: str
    what: str
    subject: str


_REFILLED = (
    "CASE WHEN coverage_hours.state IN ('covered', 'empty') THEN {} WHEN excluded.state IN ('covered', 'empty')"
    " THEN {} END"
)
"""What a refilled hour keeps: of its first filling, whatever collects it again."""


_EARLIEST, _LATEST = -(1 << 62), 1 << 62


class Ledger:
    """The corpus' memory of its own work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def alone(self, name: str) -> AbstractContextManager[bool]:
        """Give True to the one process that may do the named work, False to others; the lock dies with its process."""
        return alone(self._database, name)

    def claim(
        self,
        job: str,
        slot_at: datetime,
        *,
        now: datetime,
        source: str | None = None,
        failed_before: datetime | None = None,
    ) -> Run | None:
        """Return the run that owns a slot, or None where somebody has it already.

        An abandoned slot is free again; so is one whose run failed before the instant given.
        """
        return self._begin(job, slot_at, now, source, failed_before)

    def start(self, job: str, *, now: datetime, source: str | None = None) -> Run:
        """Return an unscheduled run."""
        run = self._begin(job, None, now, source, None)
        assert run is not None  # noqa: S101 - without a slot nothing conflicts
        return run

    def _begin(
        self, job: str, slot_at: datetime | None, now: datetime, source: str | None, failed_before: datetime | None
    ) -> Run | None:
        with self._database.writing(durable=True) as connection:
            found = self._database.rows(
                connection,
                "INSERT INTO runs (job, source, slot_at, started_at, state, counts)"
                " VALUES (?, ?, ?, ?, 'running', '{}') ON CONFLICT (job, slot_at) DO UPDATE"
                " SET started_at = excluded.started_at, ended_at = NULL, state = 'running', counts = '{}',"
                " problem = NULL WHERE runs.state = 'abandoned' OR (runs.state = 'failed' AND runs.ended_at <= ?)"
                " RETURNING run_id",
                (job, source, to_optional_micros(slot_at), to_micros(now), to_optional_micros(failed_before) or 0),
            )
        if not found:
            return None
        return Run(
            run_id=found[0][0], job=job, source=source, slot_at=slot_at, started_at=now, ended_at=None, state="running"
        )

    def free_abandoned(self, *, now: datetime) -> int:
        """Give back the slots whose scheduler died, and return how many; only for the one that runs alone."""
        with self._database.writing(durable=True) as connection:
            return self._database.run(
                connection,
                "UPDATE runs SET state = 'abandoned', ended_at = ?, problem = 'the program stopped before it was done'"
                " WHERE state = 'running' AND slot_at IS NOT NULL",
                (to_micros(now),),
            )

    def unfinished_slots(self, job: str, *, since: datetime, failed_before: datetime) -> list[datetime]:
        """Return the slots since an instant whose run was abandoned, or failed before another, oldest first."""
        found = self._database.query(
            "SELECT slot_at FROM runs WHERE job = ? AND slot_at >= ?"
            " AND (state = 'abandoned' OR (state = 'failed' AND ended_at <= ?)) ORDER BY slot_at",
            (job, to_micros(since), to_micros(failed_before)),
        )
        return [to_instant(row[0]) for row in found]

    def finish(
        self,
        run: Run,
        *,
        state: RunState,
        now: datetime,
        counts: Mapping[str, int] | None = None,
        problem: str | None = None,
    ) -> Run:
        """Record how a run ended and return it."""
        ended = replace(run, state=state, ended_at=now, counts=dict(counts or {}), problem=problem)
        with self._database.writing() as connection:
            self._database.run(
                connection,
                "UPDATE runs SET state = ?, ended_at = ?, counts = ?, problem = ? WHERE run_id = ?",
                (state, to_micros(now), msgspec.json.encode(ended.counts).decode(), problem, run.run_id),
            )
        return ended

    def runs(
        self,
        *,
        job: str | None = None,
        limit: int = 100,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[Run]:
        """Return runs, newest first; on asking, those that started in [since, until) only."""
        found = self._database.query(
            "SELECT run_id, job, source, slot_at, started_at, ended_at, state, counts, problem FROM runs"
            " WHERE (CAST(? AS TEXT) IS NULL OR job = ?) AND started_at >= ? AND started_at < ?"
            " ORDER BY run_id DESC LIMIT ?",
            (
                job,
                job,
                _EARLIEST if since is None else to_micros(since),
                _LATEST if until is None else to_micros(until),
                limit,
            ),
        )
        return [_run(row) for row in found]

    def last_slot(self, job: str) -> datetime | None:
        """Return the latest slot of a job that somebody claimed."""
        return to_optional_instant(self._database.query("SELECT max(slot_at) FROM runs WHERE job = ?", (job,))[0][0])

    def watermark(self, source: str) -> Watermark | None:
        """Return up to where a source is completely collected."""
        found = self._database.query("SELECT value, reached_at FROM watermarks WHERE source = ?", (source,))
        return Watermark(source=source, value=found[0][0], reached_at=to_instant(found[0][1])) if found else None

    def checkpoint(self, name: str) -> Checkpoint | None:
        """Return how far an import has come."""
        found = self._database.query("SELECT value FROM checkpoints WHERE name = ?", (name,))
        return Checkpoint(name=name, value=found[0][0]) if found else None

    def source_state(self, source: str) -> SourceState | None:
        """Return how a source fares, or None before its first round."""
        return next((state for state in self.source_states() if state.source == source), None)

    def source_states(self) -> list[SourceState]:
        """Return how all sources fare, by name."""
        found = self._database.query(
            "SELECT source, state, since_at, last_success_at, resume_at, problem FROM source_states ORDER BY source"
        )
        return [
            SourceState(
                source=source,
                state=state,
                since_at=to_instant(since_at),
                last_success_at=to_optional_instant(success_at),
                resume_at=to_optional_instant(resume_at),
                problem=problem,
            )
            for source, state, since_at, success_at, resume_at, problem in found
        ]

    def set_source_state(self, state: SourceState) -> None:
        """Record how a source fares."""
        with self._database.writing() as connection:
            self._database.run(
                connection,
                "INSERT INTO source_states (source, state, since_at, last_success_at, resume_at, problem)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET state = excluded.state,"
                " since_at = excluded.since_at, last_success_at = excluded.last_success_at,"
                " resume_at = excluded.resume_at, problem = excluded.problem",
                (
                    state.source,
                    state.state,
                    to_micros(state.since_at),
                    to_optional_micros(state.last_success_at),
                    to_optional_micros(state.resume_at),
                    state.problem,
                ),
            )

    def cover(self, hours: Iterable[HourCoverage]) -> None:
        """Record what is known of hours; an hour once covered, or empty, is never called missed again."""
        with self._database.writing() as connection:
            self._database.run_many(
                connection,
                "INSERT INTO coverage_hours (source, hour_at, state, posts, was, refilled_at) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (source, hour_at) DO UPDATE SET state = excluded.state, posts = excluded.posts,"
                f" was = {_REFILLED.format('coverage_hours.was', 'coverage_hours.state')},"
                f" refilled_at = {_REFILLED.format('coverage_hours.refilled_at', 'excluded.refilled_at')}"
                " WHERE excluded.state = 'covered' OR coverage_hours.state <> 'covered'"
                " AND (excluded.state = 'empty' OR coverage_hours.state <> 'empty')",
                [
                    (
                        hour.source,
                        to_micros(hour.hour_at),
                        hour.state,
                        hour.posts,
                        hour.was,
                        to_optional_micros(hour.refilled_at),
                    )
                    for hour in hours
                ],
            )

    def coverage(self, start_at: datetime, end_at: datetime) -> list[HourCoverage]:
        """Return what is known of the hours in [start_at, end_at), by source and time."""
        found = self._database.query(
            "SELECT source, hour_at, state, posts, was, refilled_at FROM coverage_hours"
            " WHERE hour_at >= ? AND hour_at < ? ORDER BY source, hour_at",
            (to_micros(start_at), to_micros(end_at)),
        )
        return [
            HourCoverage(
                source=row[0],
                hour_at=to_instant(row[1]),
                state=row[2],
                posts=row[3],
                was=row[4],
                refilled_at=to_optional_instant(row[5]) if row[4] else None,
            )
            for row in found
        ]

    def audit(self, *, at: datetime, who: str, what: str, subject: str) -> None:
        """Record who did what; never with a post's text."""
        with self._database.writing() as connection:
            self._database.run(
                connection,
                "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, ?, ?)",
                (to_micros(at), who, what, subject),
            )

    def audits(self, *, limit: int = 100) -> list[Audit]:
        """Return who did what, newest first."""
        found = self._database.query(
            "SELECT at, who, what, subject FROM audits ORDER BY audit_id DESC LIMIT ?", (limit,)
        )
        return [Audit(at=to_instant(row[0]), who=row[1], what=row[2], subject=row[3]) for row in found]


def _run(row: Any) -> Run:  # noqa: ANN401 - a driver's tuple
    run_id, job, source, slot_at, started_at, ended_at, state, counts, problem = row
    return Run(
        run_id=run_id,
        job=job,
        source=source,
        slot_at=to_optional_instant(slot_at),
        started_at=to_instant(started_at),
        ended_at=to_optional_instant(ended_at),
        state=state,
        counts=msgspec.json.decode(counts, type=dict[str, int]),
        problem=problem,
    )
