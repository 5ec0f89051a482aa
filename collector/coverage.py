"""What was and was not collected, per source and hour, why, and what can still be done about it.

One function tells it to all: the command, the digest and whoever else asks cannot contradict each other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from shlex import quote

from collector.collect import JOB
from collector.hours import HOUR, hour_of
from collector.misses import Missed, basis_of, counted_hours, missed_by_hour
from collector.recall import Recall, Remedy, Standing, recall_of, remedies
from collector.round import written
from corpus.ledger import HourCoverage, HourState, Run, SourceState, State
from corpus.store import Corpus
from programme.types import SourceSettings

_COLLECTED = frozenset({"covered", "empty"})
_RUNS = 20_000
"""Rounds that are looked through: a month of five sources every quarter of an hour."""
_USUAL = timedelta(weeks=8)
"""How far back the usual pace is taken from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Neighbouring hours that were not collected, for one reason and with one remedy."""

    from_at: datetime
    to_at: datetime
    state: HourState
    """``off``: nothing was tried."""
    problem: str | None
    """What the last round in it said."""
    remedy: Remedy
    posts: int = 0
    """The estimate of what is missing in it."""
    command: str | None = None
    """What fills it from the network's archive."""
    usd: float | None = None
    """The most that this costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refilled:
    """Neighbouring hours that were a gap once and were collected later."""

    from_at: datetime
    to_at: datetime
    was: HourState
    at: datetime
    """When the last of them was collected."""


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
    missed: Missed | None = None
    """None: nothing is missing as far as is known, and the network was not asked."""
    refilled: tuple[Refilled, ...] = ()
    gone: Mapping[str, int] = field(default_factory=dict)
    """Posts of the span that it brought and that have no text any more, by reason."""
    hours: tuple[HourCoverage, ...] = ()
    """Every hour of the span, oldest first; one of which nothing was recorded is ``off``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """Every source over a span of time."""

    start_at: datetime
    end_at: datetime
    """The end of the last hour that is over."""
    sources: tuple[SourceCoverage, ...]

    def as_json(self, say: Callable[[Gap], str]) -> dict[str, object]:
        """Return the report as ``coverage --json`` prints it; ``say`` puts a gap's remedy into words."""
        return {
            "from": written(self.start_at),
            "to": written(self.end_at),
            "sources": [
                {
                    "source": one.source,
                    "state": one.state,
                    "hours_covered": one.hours_covered,
                    "hours_missing": one.hours_missing,
                    "gaps": [{**_gap_json(gap), "remedy": say(gap)} for gap in one.gaps],
                    "refilled": [
                        {"from": written(was.from_at), "to": written(was.to_at), "was": was.was, "at": written(was.at)}
                        for was in one.refilled
                    ],
                    "quota_hits": one.quota_hits,
                    "posts": one.posts,
                    "gone": dict(one.gone),
                    "estimated_missed": one.missed and one.missed.posts,
                    "estimated_by": one.missed and one.missed.by,
                }
                for one in self.sources
            ],
        }


def _gap_json(gap: Gap) -> dict[str, object]:
    return {
        "from": written(gap.from_at),
        "to": written(gap.to_at),
        "state": gap.state,
        "problem": gap.problem,
        "refillable": gap.remedy.is_refillable,
        "until": written(gap.remedy.until),
        "way": gap.remedy.way,
        "command": gap.command,
        "posts": gap.posts,
        "usd": gap.usd,
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
    runs = corpus.ledger.runs(job=JOB, limit=_RUNS, since=start_at, until=end_at)
    states = {state.source: state for state in corpus.ledger.source_states()}
    sources = tuple(sources)
    # Eight weeks of posts are looked through for them: only where something is missing.
    is_whole = all(_is_whole(hours.get(source.name, {}), start_at, end_at) for source in sources)
    paces = {} if is_whole else corpus.posts.paces(end_at - _USUAL, end_at)
    gone = corpus.posts.gone_between(start_at, end_at)
    return CoverageReport(
        start_at=start_at,
        end_at=end_at,
        sources=tuple(
            _Look(
                corpus=corpus,
                settings=source,
                hours=hours.get(source.name, {}),
                runs=[run for run in runs if run.source == source.name],
                state=states.get(source.name),
                pace=paces.get(source.name, 0.0),
                now=now,
            ).coverage(start_at, end_at, gone.get(source.name, {}))
            for source in sources
        ),
    )


def _is_whole(hours: Mapping[datetime, HourCoverage], start_at: datetime, end_at: datetime) -> bool:
    return sum(hour.state in _COLLECTED for hour in hours.values()) == (end_at - start_at) // HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """All that is known of one source."""

    corpus: Corpus
    settings: SourceSettings
    hours: Mapping[datetime, HourCoverage]
    runs: Sequence[Run]
    state: SourceState | None
    pace: float
    now: datetime

    def coverage(self, start_at: datetime, end_at: datetime, gone: Mapping[str, int]) -> SourceCoverage:
        missing: list[tuple[datetime, HourState]] = []
        collected: list[HourCoverage] = []
        hours: list[HourCoverage] = []
        hour = start_at
        while hour < end_at:
            known = self.hours.get(hour) or HourCoverage(source=self.settings.name, hour_at=hour, state="off")
            hours.append(known)
            if known.state in _COLLECTED:
                collected.append(known)
            else:
                missing.append((hour, known.state))
            hour += HOUR
        counted = counted_hours(self.corpus, self.settings.name, start_at, end_at)
        uncollected = [hour for hour, _ in missing]
        missed = missed_by_hour(self.corpus, self.settings.network, counted, uncollected, self.pace)
        basis = basis_of(counted, uncollected)
        return SourceCoverage(
            source=self.settings.name,
            hours_covered=len(collected),
            hours_missing=len(missing),
            gaps=tuple(self._gaps(missing, missed)),
            quota_hits=sum(run.counts.get("quota_hits", 0) for run in self.runs),
            posts=sum(hour.posts for hour in collected),
            state=self.state.state if self.state else None,
            missed=Missed(posts=round(sum(missed.values())), by=basis) if basis else None,
            refilled=tuple(_refilled(collected)),
            gone=gone,
            hours=tuple(hours),
        )

    def _gaps(self, missing: list[tuple[datetime, HourState]], missed: Mapping[datetime, float]) -> Iterator[Gap]:
        """Yield neighbouring hours in the same state and with the same remedy as one gap each."""
        recall = recall_of(self.settings.network)
        standing = Standing(
            is_enabled=self.settings.enabled,
            state=self.state.state if self.state else None,
            last_success_at=self.state.last_success_at if self.state else None,
        )
        for from_at, to_at, state in _merged(missing):
            problem = next(
                (run.problem for run in self.runs if run.problem and from_at <= run.started_at < to_at), None
            )
            for remedy in remedies(recall, standing, from_at, to_at, self.now):
                posts = round(sum(n for hour, n in missed.items() if remedy.from_at <= hour < remedy.to_at))
                yield Gap(
                    from_at=remedy.from_at,
                    to_at=remedy.to_at,
                    state=state,
                    problem=problem,
                    remedy=remedy,
                    posts=posts,
                    command=self._backfill(remedy),
                    usd=_price(recall, posts) if remedy.way == "backfill" else None,
                )

    def _backfill(self, remedy: Remedy) -> str | None:
        if remedy.way != "backfill":
            return None
        span = f"--since {written(remedy.from_at)} --until {written(remedy.to_at)}"
        return f"kuntakaiku backfill {quote(self.settings.name)} {span}"


def _price(recall: Recall, posts: int) -> float:
    return round(posts * (recall.usd_a_post or 0), 3)


def _merged(missing: Iterable[tuple[datetime, HourState]]) -> list[tuple[datetime, datetime, HourState]]:
    """Return neighbouring hours in the same state as one span each."""
    merged: list[tuple[datetime, datetime, HourState]] = []
    for hour, state in missing:
        if merged and merged[-1][1] == hour and merged[-1][2] == state:
            merged[-1] = (merged[-1][0], hour + HOUR, state)
        else:
            merged.append((hour, hour + HOUR, state))
    return merged


def _refilled(collected: Iterable[HourCoverage]) -> list[Refilled]:
    """Return neighbouring hours that were missing for the same reason as one span each."""
    found: list[Refilled] = []
    for hour in collected:
        if hour.was is None or hour.refilled_at is None:
            continue
        from_at, at = hour.hour_at, hour.refilled_at
        if found and (found[-1].to_at, found[-1].was) == (hour.hour_at, hour.was):
            last = found.pop()
            from_at, at = last.from_at, max(last.at, at)
        found.append(Refilled(from_at=from_at, to_at=hour.hour_at + HOUR, was=hour.was, at=at))
    return found
