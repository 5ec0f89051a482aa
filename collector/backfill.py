"""Fill a span behind the watermark from a network's archive: page by page, each remembered, so that a kill costs one.

The watermark and the source's own rounds are left as they are.
"""

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Protocol

from collector.errors import SourceError
from collector.hours import covered_hours
from collector.rejects import rejects_path, write_rejects
from collector.retry import Patience
from collector.round import Round, written
from collector.source import Archived, Billed, Source
from corpus.changes import decide
from corpus.ledger import Checkpoint, RunState, SourceState
from corpus.posts import Applied
from corpus.store import Corpus

JOB = "backfill"


class Archive(Source, Archived, Protocol):
    """A source with an archive."""


def backfill_span(
    source: Archive,
    corpus: Corpus,
    start: datetime,
    end: datetime,
    *,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
    data_directory: Path,
) -> Round:
    """Return what came of filling [start, end); trouble is part of it and never raised.

    Where an earlier one was stopped, the same span goes on after its last page.
    """
    began_at = clock()
    if isinstance(source, Billed):
        source.keep_account(corpus.facts)
    name = f"backfill of {source.name} {written(start)} {written(end)}"
    run = corpus.ledger.start(JOB, now=began_at, source=source.name)
    patience = Patience(clock=clock, rest=rest, chance=Random(f"{name} {began_at}"))  # noqa: S311  # jitter
    checkpoint = corpus.ledger.checkpoint(name)
    applied, pages, rejected, is_complete = Applied(), 0, 0, False
    trouble: SourceError | None = None
    try:
        with closing(source.fetch_between(start, end, checkpoint.value if checkpoint else None, patience)) as found:
            for page in found:
                now = patience.now()
                known = corpus.posts.known(source.network, [post.native_id for post in page.posts])
                write_rejects(rejects_path(data_directory, source.name), source.name, page.rejected)
                applied += corpus.posts.apply(
                    decide(page.posts, known, now),
                    source=source.name,
                    now=now,
                    checkpoint=Checkpoint(name=name, value=page.position),
                    seen=page.posts,
                )
                pages, rejected, is_complete = pages + 1, rejected + len(page.rejected), page.watermark is not None
    except SourceError as error:
        trouble = error
    now = clock()
    if is_complete:
        corpus.ledger.cover(covered_hours(corpus, source, start, end, is_first=True, now=now, due_until=now))
    ended = Round(
        source=source.name,
        state=trouble.state if trouble else "ok" if applied != Applied(skipped=applied.skipped) else "empty",
        inserted=applied.inserted,
        updated=applied.updated,
        buried=applied.buried,
        skipped=applied.skipped,
        rejected=rejected,
        from_at=start,
        to_at=end,
        complete=is_complete,
        resume_at=_pause(source.name, trouble, corpus, now) if trouble else None,
        problem=str(trouble) if trouble else None,
    )
    state: RunState = "done" if is_complete else "partly" if pages else "failed"
    counts = {"inserted": ended.inserted, "updated": ended.updated, "skipped": ended.skipped, "pages": pages}
    corpus.ledger.finish(run, state=state, now=now, counts=counts, problem=ended.problem)
    return ended


def _pause(name: str, trouble: SourceError, corpus: Corpus, now: datetime) -> datetime | None:
    """Return until when the network is left alone, and keep the source's rounds from asking before."""
    resume_at = trouble.resume_at or (now + trouble.pause.first if trouble.pause else None)
    if resume_at is not None:
        before = corpus.ledger.source_state(name)
        corpus.ledger.set_source_state(
            SourceState(
                source=name,
                state=trouble.state,
                since_at=now,
                last_success_at=before.last_success_at if before else None,
                resume_at=resume_at,
                problem=str(trouble),
            )
        )
    return resume_at
