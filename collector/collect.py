"""One round of one source: fetch a page, compare it with what is known, store it, and remember how far it went.

Every page is stored in one transaction with the position after it. The watermark moves only with the page that
completes the span; a round that stops earlier is continued by the next one, below what it reached.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from collector.errors import SourceError
from collector.hours import HOUR, covered_hours, troubled_hour
from collector.misses import count_network
from collector.rejects import rejects_path, write_rejects
from collector.retry import Patience
from collector.round import Round, written
from collector.source import Billed, Counting, Page, Source, Streaming, Threaded, lend
from collector.sources import Secrets, open_source
from collector.stream import catch_up
from collector.threads import follow_threads
from corpus.changes import decide
from corpus.ledger import Checkpoint, RunState, SourceState, State, Watermark
from corpus.posts import Applied
from corpus.store import Corpus
from programme.types import Programme, SourceSettings

JOB = "collect"
_PAGES = 100
"""Pages of one round; the next round continues."""
_LONGEST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where a round ends although more is left: the next one continues."""

    pages: int = _PAGES
    longest: timedelta = _LONGEST


@dataclass(slots=True)
class _Tally:
    """What a round has stored so far."""

    applied: Applied = field(default_factory=Applied)
    pages: int = 0
    rejected: int = 0
    partial_errors: int = 0
    oldest_at: datetime | None = None
    shown_from: datetime | None = None
    not_before: datetime | None = None
    is_complete: bool = False

    def add(self, page: Page, applied: Applied) -> None:
        self.applied += applied
        self.pages += 1
        self.rejected += len(page.rejected)
        self.partial_errors += page.partial_errors
        created = [post.created_at for post in page.posts]
        self.oldest_at = min([*created, *([self.oldest_at] if self.oldest_at else [])], default=None)
        self.shown_from = page.shown_from or self.shown_from
        self.not_before = page.not_before
        self.is_complete = page.watermark is not None

    @property
    def brought_something(self) -> bool:
        return bool(self.applied.inserted or self.applied.updated or self.applied.buried)


def collect_sources(
    sources: Iterable[SourceSettings],
    corpus: Corpus,
    *,
    programme: Programme,
    secrets: Secrets,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
    data_directory: Path,
) -> list[Round]:
    """Return one round of each source; what fails in one stops no other.

    Args:
        sources: what to collect, in this order.
        corpus: where to.
        programme: whose hashtags.
        secrets: tokens by name.
        clock: the present instant.
        rest: waits that many seconds.
        data_directory: what is rejected is kept under ``rejects/`` there.
    """
    rounds = []
    for settings in sources:
        try:
            source = open_source(settings, programme, secrets)
        except SourceError as error:
            rounds.append(_recorded(_ended(settings.name, error, clock()), corpus, clock()))
            continue
        found = collect_round(
            source,
            corpus,
            programme=programme,
            settings=settings,
            clock=clock,
            rest=rest,
            data_directory=data_directory,
        )
        if found.complete and found.resume_at is None and isinstance(source, Counting):
            count_network(source, corpus, clock=clock, rest=rest)
        if found.complete and found.resume_at is None and isinstance(source, Threaded):
            threads = follow_threads(
                source,
                corpus,
                programme=programme,
                settings=settings,
                clock=clock,
                rest=rest,
                data_directory=data_directory,
            )
            found = replace(found, threads=threads)
        if isinstance(source, Streaming) and source.has_stream:
            heard = catch_up(source, corpus, programme=programme, settings=settings, clock=clock, rest=rest)
            found = replace(found, stream=heard)
        rounds.append(found)
    return rounds


def collect_round(
    source: Source,
    corpus: Corpus,
    *,
    programme: Programme,
    settings: SourceSettings,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
    data_directory: Path,
    bounds: Bounds | None = None,
) -> Round:
    """Return what one round of a source came to; a fault of the network is part of it and never raised.

    Before the time that the network named, nothing is asked and the round says so.
    """
    began_at = clock()
    before = corpus.ledger.source_state(source.name)
    lend(source, corpus.facts)
    rests_until = before.resume_at if before is not None else None
    if before is not None and rests_until is not None and began_at < rests_until:
        has_means = isinstance(source, Billed) and source.has_means_again(rests_until, began_at)
        if before.state != "paused" or not has_means:
            return _resting(before, corpus, began_at)
    if not programme.hashtags:
        return Round(source=source.name, state="empty", complete=True, problem="The programme watches no hashtag.")
    run = corpus.ledger.start(JOB, now=began_at, source=source.name)
    bounds = bounds or Bounds(longest=min(_LONGEST, settings.every))
    patience = Patience(clock=clock, rest=rest, chance=Random(f"{source.name} {began_at}"))  # noqa: S311  # jitter
    tally = _Tally()
    trouble: SourceError | None = None
    try:
        _take(source, corpus, patience, tally, bounds=bounds, began_at=began_at, data_directory=data_directory)
    except SourceError as error:
        trouble = error
    now = clock()
    found = _round(source.name, tally, trouble, before, now)
    found = replace(found, from_at=_start(source, tally, before, began_at), to_at=began_at)
    if found.complete:
        _cover(source, corpus, settings, found, before, now)
    _recorded(found, corpus, now)
    counts = {
        "inserted": found.inserted,
        "updated": found.updated,
        "buried": found.buried,
        "skipped": found.skipped,
        "rejected": found.rejected,
        "pages": tally.pages,
        "partial_errors": tally.partial_errors,
        "quota_hits": int(found.state == "rate_limited"),
    }
    state: RunState = "done" if found.complete else "partly" if tally.pages else "failed"
    corpus.ledger.finish(run, state=state, now=now, counts=counts, problem=found.problem)
    return found


def _take(
    source: Source,
    corpus: Corpus,
    patience: Patience,
    tally: _Tally,
    *,
    bounds: Bounds,
    began_at: datetime,
    data_directory: Path,
) -> None:
    """Store page after page until the span is complete or the round's bounds are reached."""
    name = _position_name(source.name)
    checkpoint = corpus.ledger.checkpoint(name)
    with closing(source.fetch(checkpoint.value if checkpoint else None, patience)) as pages:
        for page in pages:
            now = patience.now()
            known = corpus.posts.known(source.network, [post.native_id for post in page.posts])
            write_rejects(rejects_path(data_directory, source.name), source.name, page.rejected)
            reached = (
                Watermark(source=source.name, value=page.watermark, reached_at=began_at) if page.watermark else None
            )
            applied = corpus.posts.apply(
                decide(page.posts, known, now),
                source=source.name,
                now=now,
                watermark=reached,
                checkpoint=Checkpoint(name=name, value=page.position),
                seen=page.posts,
            )
            tally.add(page, applied)
            if tally.is_complete or tally.pages >= bounds.pages or now - began_at >= bounds.longest:
                return


def _cover(
    source: Source,
    corpus: Corpus,
    settings: SourceSettings,
    found: Round,
    before: SourceState | None,
    now: datetime,
) -> None:
    """Record the hours that a complete round covers, and which of them had been a gap."""
    success_at = before.last_success_at if before is not None else None
    from_at, to_at = found.from_at or now, found.to_at or now
    # Where the network reaches less far than the last success, its first hour is half gone, as that of a first round.
    is_cut = source.reach is not None and success_at is not None and from_at > success_at
    hours = covered_hours(
        corpus,
        source,
        from_at,
        to_at,
        is_first=success_at is None or is_cut,
        now=now,
        due_until=None if success_at is None else to_at - 2 * max(settings.every, HOUR),
    )
    corpus.ledger.cover(hours)


def _position_name(source: str) -> str:
    return f"position of {source}"


def _start(source: Source, tally: _Tally, before: SourceState | None, began_at: datetime) -> datetime:
    """Return from when the round collected: from where the last complete one ended, as far as the network reaches.

    The last success is remembered after its hours, the watermark before: a kill between them leaves no hole.
    """
    earliest = began_at - source.reach if source.reach is not None else tally.shown_from
    if before is not None and before.last_success_at is not None:
        return before.last_success_at if earliest is None else max(before.last_success_at, earliest)
    return (None if source.reach is None else earliest) or tally.oldest_at or (before.since_at if before else began_at)


def _round(name: str, tally: _Tally, trouble: SourceError | None, before: SourceState | None, now: datetime) -> Round:
    resume_at, problem = tally.not_before, None
    state: State = "ok" if tally.brought_something or not tally.is_complete else "empty"
    if trouble is not None:
        ended = _ended(name, trouble, now, before)
        state, resume_at, problem = ended.state, ended.resume_at, ended.problem
    elif not tally.is_complete:
        problem = f"Source {name!r}: more is left after {tally.pages} pages. The next round continues there."
    return Round(
        source=name,
        state=state,
        inserted=tally.applied.inserted,
        updated=tally.applied.updated,
        buried=tally.applied.buried,
        skipped=tally.applied.skipped,
        rejected=tally.rejected,
        complete=tally.is_complete and trouble is None,
        resume_at=resume_at if resume_at is not None and resume_at > now else None,
        problem=problem,
    )


def _ended(name: str, trouble: SourceError, now: datetime, before: SourceState | None = None) -> Round:
    """Return a round that ended in trouble, with the pause that grows while the trouble lasts."""
    resume_at = trouble.resume_at
    if trouble.pause is not None:
        since_at = before.since_at if before is not None and before.state == trouble.state else now
        paused_until = now + trouble.pause.after(since_at, now)
        resume_at = max(paused_until, resume_at or paused_until)
    return Round(source=name, state=trouble.state, resume_at=resume_at, problem=str(trouble))


def _recorded(found: Round, corpus: Corpus, now: datetime) -> Round:
    """Remember how a source fares, and return its round."""
    before = corpus.ledger.source_state(found.source)
    corpus.ledger.set_source_state(
        SourceState(
            source=found.source,
            state=found.state,
            since_at=before.since_at if before is not None and before.state == found.state else now,
            last_success_at=found.to_at if found.complete else before.last_success_at if before is not None else None,
            resume_at=found.resume_at,
            problem=found.problem,
        )
    )
    if not found.complete:
        corpus.ledger.cover(troubled_hour(found.source, found.state, now))
    return found


def _resting(before: SourceState, corpus: Corpus, now: datetime) -> Round:
    corpus.ledger.cover(troubled_hour(before.source, before.state, now))
    because = f" {before.problem}" if before.problem else ""
    return Round(
        source=before.source,
        state=before.state,
        resume_at=before.resume_at,
        problem=f"Source {before.source!r} rests until {written(before.resume_at)}; nothing was asked.{because}",
    )
