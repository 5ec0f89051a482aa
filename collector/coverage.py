"""What was and was not collected, per source and hour, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from collector.collect import JOB
from collector.hours import HOUR, hour_of
from collector.misses import estimated_misses
from collector.round import written
from corpus.ledger import HourCoverage, HourState, Run, State
from corpus.store import Corpus
from programme.types import SourceSettings

_COLLECTED = frozenset({"covered", "empty"})
_RUNS = 20_000
"""Rounds that are looked through: a month of five sources every quarter of an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Neighbouring hours that were not collected, for one reason."""

    from_at: datetime
    to_at: datetime
    state: HourState
    """``off``: nothing was tried."""
    problem: str | None
    """What the last round in it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCoverage:
    """One source over a span of time."""

    source: str
    hours_covered: int
    hours_missing: int
    gaps: tuple[Gap, ...]
    quota_hits: int
    """Rounds that a network's rate limit ended."""
    posts: int
    """Of the covered hours."""
    state: State | None
    """How the source fares now; None before its first round."""
    estimated_missed: int | None = None
    """Posts that the network counts in these hours and we lack; None where it was not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """Every source over a span of time."""

    start_at: datetime
    end_at: datetime
    """The end of the last hour that is over."""
    sources: tuple[SourceCoverage, ...]

    def as_json(self) -> dict[str, object]:
        """Return the report as ``coverage --json`` prints it."""
        return {
            "from": written(self.start_at),
            "to": written(self.end_at),
            "sources": [
                {
                    "source": one.source,
                    "state": one.state,
                    "hours_covered": one.hours_covered,
                    "hours_missing": one.hours_missing,
                    "gaps": [
                        {
                            "from": written(gap.from_at),
                            "to": written(gap.to_at),
                            "state": gap.state,
                            "problem": gap.problem,
                        }
                        for gap in one.gaps
                    ],
                    "quota_hits": one.quota_hits,
                    "posts": one.posts,
                    "estimated_missed": one.estimated_missed,
                }
                for one in self.sources
            ],
        }


def coverage_report(
    corpus: Corpus, sources: Iterable[SourceSettings], start_at: datetime, end_at: datetime, now: datetime
) -> CoverageReport:
    """Return what was collected of the hours in [start_at, end_at) that are over."""
    start_at = hour_of(start_at)
    end_at = max(start_at, min(end_at, hour_of(now)))
    hours: dict[str, dict[datetime, HourCoverage]] = {}
    for hour in corpus.ledger.coverage(start_at, end_at):
        hours.setdefault(hour.source, {})[hour.hour_at] = hour
    runs = [run for run in corpus.ledger.runs(job=JOB, limit=_RUNS) if start_at <= run.started_at < end_at]
    states = {state.source: state.state for state in corpus.ledger.source_states()}
    return CoverageReport(
        start_at=start_at,
        end_at=end_at,
        sources=tuple(
            replace(
                _coverage(
                    source.name,
                    hours.get(source.name, {}),
                    [run for run in runs if run.source == source.name],
                    states.get(source.name),
                    start_at,
                    end_at,
                ),
                estimated_missed=estimated_misses(corpus, source.name, source.network, start_at, end_at),
            )
            for source in sources
        ),
    )


def _coverage(
    source: str,
    hours: Mapping[datetime, HourCoverage],
    runs: list[Run],
    state: State | None,
    start_at: datetime,
    end_at: datetime,
) -> SourceCoverage:
    missing: list[tuple[datetime, HourState]] = []
    covered = posts = 0
    hour = start_at
    while hour < end_at:
        known = hours.get(hour)
        if known is not None and known.state in _COLLECTED:
            covered += 1
            posts += known.posts
        else:
            missing.append((hour, known.state if known is not None else "off"))
        hour += HOUR
    return SourceCoverage(
        source=source,
        hours_covered=covered,
        hours_missing=len(missing),
        gaps=tuple(_gaps(missing, runs)),
        quota_hits=sum(run.counts.get("quota_hits", 0) for run in runs),
        posts=posts,
        state=state,
    )


def _gaps(missing: list[tuple[datetime, HourState]], runs: list[Run]) -> list[Gap]:
    """Return neighbouring hours in the same state as one gap each."""
    merged: list[tuple[datetime, datetime, HourState]] = []
    for hour, state in missing:
        if merged and merged[-1][1] == hour and merged[-1][2] == state:
            merged[-1] = (merged[-1][0], hour + HOUR, state)
        else:
            merged.append((hour, hour + HOUR, state))
    return [
        Gap(
            from_at=from_at,
            to_at=to_at,
            state=state,
            problem=next((run.problem for run in runs if run.problem and from_at <= run.started_at < to_at), None),
        )
        for from_at, to_at, state in merged
    ]
