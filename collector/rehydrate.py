"""Posts fetched again by their ids: what a list of ids from an export, or from another archive, stands for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from collector.errors import SourceError
from collector.rejects import rejects_path, write_rejects
from collector.retry import Patience
from collector.source import Billed, Sighting
from collector.sweep import SeeingSource
from collector.waiting import keep_waiting
from corpus.changes import Bury, Change, decide
from corpus.ledger import RunState, State
from corpus.post import Post
from corpus.posts import Applied
from corpus.store import Corpus

JOB = "rehydrate"
FRESH = timedelta(hours=24)
"""A post that was seen within it is not asked for again, so that the same command goes on after a kill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehydrated:
    """What came of the ids that one source was asked for."""

    source: str
    state: State
    inserted: int = 0
    updated: int = 0
    skipped: int = 0
    """Known and as they were."""
    gone: int = 0
    """The network shows them to nobody any more."""
    unknown: tuple[str, ...] = ()
    """The network did not say."""
    left: tuple[str, ...] = ()
    """Not asked for: the source rests, or did not answer."""
    rejected: int = 0
    problem: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return it as ``rehydrate --json`` prints it."""
        return {
            "source": self.source,
            "state": self.state,
            "inserted": self.inserted,
            "updated": self.updated,
            "skipped": self.skipped,
            "gone": self.gone,
            "unknown": len(self.unknown),
            "left": len(self.left),
            "rejected": self.rejected,
            "problem": self.problem,
        }


def to_ask(corpus: Corpus, network: str, native_ids: Sequence[str], now: datetime) -> list[str]:
    """Return which posts must be asked for: each once, without tombstones and what was seen within a day."""
    fresh = corpus.posts.fresh(network, native_ids, now - FRESH)
    return [native_id for native_id in dict.fromkeys(native_ids) if native_id not in fresh]


def rehydrate_source(
    source: SeeingSource,
    corpus: Corpus,
    native_ids: Sequence[str],
    *,
    hashtags: Sequence[str],
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
    data_directory: Path,
) -> Rehydrated:
    """Return what came of asking a source for posts; a fault of the network is part of it and never raised.

    Each answer is stored in one transaction. A post that carries one of the hashtags came in by it, any other one by
    the list.
    """
    now = clock()
    before = corpus.ledger.source_state(source.name)
    if before is not None and before.resume_at is not None and now < before.resume_at:
        problem = f"Source {source.name!r} rests: nothing was asked."
        return Rehydrated(source=source.name, state=before.state, left=tuple(native_ids), problem=problem)
    if isinstance(source, Billed):
        source.keep_account(corpus.facts)
    run = corpus.ledger.start(JOB, now=now, source=source.name)
    patience = Patience(clock=clock, rest=rest, chance=Random(f"rehydrate {source.name} {now}"))  # noqa: S311  # jitter
    found, asked, trouble = Rehydrated(source=source.name, state="ok"), 0, None
    not_before: datetime | None = None
    try:
        while asked < len(native_ids) and not_before is None:
            batch = native_ids[asked : asked + source.most_at_once]
            sighting = source.look_up(batch, patience)
            write_rejects(rejects_path(data_directory, source.name), source.name, sighting.rejected)
            applied = _store(corpus, source, sighting, hashtags, patience.now())
            found = _counted(found, batch, sighting, applied)
            asked, not_before = asked + len(batch), sighting.not_before
    except SourceError as error:
        trouble = error
    keep_waiting(corpus, source.name, trouble, not_before, clock())
    found = replace(
        found,
        state=trouble.state if trouble else "ok",
        left=tuple(native_ids[asked:]),
        problem=str(trouble) if trouble else None,
    )
    state: RunState = "done" if not found.left else "partly" if asked else "failed"
    counts = {"inserted": found.inserted, "updated": found.updated, "gone": found.gone, "unknown": len(found.unknown)}
    corpus.ledger.finish(run, state=state, now=clock(), counts=counts, problem=found.problem)
    return found


def _store(corpus: Corpus, source: SeeingSource, sighting: Sighting, hashtags: Sequence[str], now: datetime) -> Applied:
    posts = [_as_found(post, hashtags) for post in sighting.posts]
    known = corpus.posts.known(source.network, [post.native_id for post in posts])
    changes: list[Change] = decide(posts, known, now)
    changes += [Bury(source.network, native_id, why, now) for native_id, why in sighting.gone.items()]
    return corpus.posts.apply(changes, source=source.name, now=now)


def _as_found(post: Post, hashtags: Sequence[str]) -> Post:
    return replace(post, via="hashtag" if set(post.hashtags).intersection(hashtags) else "import")


def _counted(found: Rehydrated, batch: Sequence[str], sighting: Sighting, applied: Applied) -> Rehydrated:
    told = {post.native_id for post in sighting.posts}.union(sighting.gone)
    withheld = sum(post.gone is not None for post in sighting.posts)
    return replace(
        found,
        inserted=found.inserted + applied.inserted,
        updated=found.updated + applied.updated,
        skipped=found.skipped + len(sighting.posts) - withheld - applied.inserted - applied.updated,
        gone=found.gone + len(sighting.gone) + withheld,
        unknown=(*found.unknown, *(native_id for native_id in batch if native_id not in told)),
        rejected=found.rejected + len(sighting.rejected),
    )
