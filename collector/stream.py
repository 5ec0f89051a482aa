"""What a source's stream tells, stored as it comes: beside the rounds, which find what the stream did not.

Everything heard within a moment is stored in one transaction with the place where to go on: what was not stored is told
again after a kill, and twice told is harmless. A stream that was away goes on where it was, if the server still has it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

import msgspec

from collector.errors import SourceError, SourceUnavailableError
from collector.hours import covered_hours, hour_of, troubled_hour
from collector.interest import Interest
from collector.retry import Patience
from collector.round import Overheard, written
from collector.source import Heard, Source, Streaming
from collector.stream_state import Kept, kept_of, leave_alone, note_trouble, note_well, rests_until, stream_name
from collector.threads import WINDOW
from collector.waiting import keep_waiting
from corpus.changes import Bury, Change, Skip, decide
from corpus.ledger import Checkpoint, RunState
from corpus.post import Post, Via
from corpus.posts import Applied
from corpus.store import Corpus
from programme.types import Programme, SourceSettings

JOB = "stream"
_CATCH_UP = timedelta(seconds=20)
"""How long a round listens: the next one goes on."""
_NOTE_EVERY = timedelta(seconds=30)
"""How often the place is noted while nothing concerns us: as much is heard again after a kill."""
_LEARN_EVERY = timedelta(minutes=10)
"""How often the posts that the rounds found are learnt, so that answers to them are noticed."""
_PAUSES = (1.0, 300.0)
"""Seconds of the first and of the longest pause before another try, doubling; at random shorter by up to half."""
_LASTING = timedelta(minutes=1)
"""A connection that lasted so long was a good one: the pauses begin anew."""
_RECENT = timedelta(days=2)
"""How far back hours are counted as covered again when a stream goes on after a kill."""


class StreamingSource(Source, Streaming, Protocol):
    """A source that has a stream."""


def catch_up(
    source: StreamingSource,
    corpus: Corpus,
    *,
    programme: Programme,
    settings: SourceSettings,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
) -> Overheard | None:
    """Return what was told since the stream was last heard; None where somebody listens to it all the time.

    A fault of the network is part of it and never raised. The first time, there is no place to go on from, and the
    stream is only heard until it has named one.
    """
    with corpus.ledger.alone(stream_name(source.name)) as held:
        if not held:
            return None
        began_at = clock()
        resume_at = rests_until(corpus, source.name, began_at)
        if resume_at is not None:
            return Overheard(problem=f"Source {source.name!r}: its stream rests until {written(resume_at)}.")

        def is_over(heard: Heard) -> bool:
            return _is_caught_up(heard, began_at) or clock() - began_at >= _CATCH_UP

        return hear(source, corpus, programme=programme, settings=settings, clock=clock, rest=rest, is_over=is_over)


def follow_stream(
    source: StreamingSource,
    corpus: Corpus,
    *,
    programme: Programme,
    settings: SourceSettings,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
    is_asked_to_end: Callable[[], bool],
    tell: Callable[[datetime, Overheard], None],
) -> None:
    """Listen until asked to end; whatever ends a connection, another follows after a pause.

    Args:
        source: whose stream.
        corpus: where to.
        programme: whose hashtags.
        settings: of the source.
        clock: the present instant.
        rest: waits that many seconds, or until asked to end.
        is_asked_to_end: whether to end.
        tell: is told what each connection brought and when it began.
    """
    chance, tries = Random(f"stream of {source.name} {clock()}"), 0  # noqa: S311  # jitter
    while not is_asked_to_end():
        resume_at = rests_until(corpus, source.name, clock())
        if resume_at is not None:
            rest((resume_at - clock()).total_seconds())
            continue
        began_at = clock()
        with corpus.ledger.alone(stream_name(source.name)) as held:
            if held:
                found = hear(
                    source,
                    corpus,
                    programme=programme,
                    settings=settings,
                    clock=clock,
                    rest=rest,
                    is_over=lambda _: is_asked_to_end(),
                )
                tell(began_at, found)
        tries = 0 if clock() - began_at >= _LASTING else tries + 1
        first, longest = _PAUSES
        if not is_asked_to_end():
            rest(min(first * 2 ** min(tries, 20), longest) * chance.uniform(0.5, 1.0))


def _is_caught_up(heard: Heard, began_at: datetime) -> bool:
    """Return whether all that had happened when a connection began was told."""
    return heard.is_live or (heard.reached_at is not None and heard.reached_at > began_at)


def hear(
    source: StreamingSource,
    corpus: Corpus,
    *,
    programme: Programme,
    settings: SourceSettings,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
    is_over: Callable[[Heard], bool],
) -> Overheard:
    """Return what one connection brought until it was over or broke; a fault of the network is never raised."""
    began_at = clock()
    run = corpus.ledger.start(JOB, now=began_at, source=source.name)
    hearing = _Hearing(source, corpus, programme, settings, clock, rest)
    trouble: SourceError | None = None
    is_well = False
    try:
        with closing(source.listen(hearing.position, hearing.belongs, hearing.patience())) as moments:
            for heard in moments:
                hearing.take(heard)
                if not is_well and (heard.events or heard.is_live):
                    is_well = True
                    note_well(corpus, source.name, clock())
                if is_over(heard):
                    break
    except SourceError as error:
        trouble = error
    hearing.note()
    now = clock()
    if trouble is not None:
        corpus.ledger.cover(troubled_hour(source.name, trouble.state, now))
        note_trouble(corpus, source.name, trouble, now)
        resume_at = trouble.resume_at or (now + trouble.pause.first if trouble.pause is not None else None)
        if resume_at is not None:
            leave_alone(corpus, source.name, resume_at, now)
    found = hearing.found(trouble)
    state: RunState = "done" if trouble is None else "partly" if found.events else "failed"
    counts = {
        "inserted": found.inserted,
        "updated": found.updated,
        "buried": found.buried,
        "events": found.events,
        "unread": found.unread,
    }
    corpus.ledger.finish(run, state=state, now=now, counts=counts, problem=found.problem)
    return found


class _Hearing:
    """One connection."""

    def __init__(
        self,
        source: StreamingSource,
        corpus: Corpus,
        programme: Programme,
        settings: SourceSettings,
        clock: Callable[[], datetime],
        rest: Callable[[float], None],
    ) -> None:
        self._source, self._corpus = source, corpus
        self._programme, self._settings = programme, settings
        self._clock, self._rest = clock, rest
        self._kept = kept_of(corpus, source.name)
        self._began_at = self._noted_at = clock()
        self._noted = self._kept
        self._covered_to: datetime | None = None
        self._learn()
        self._applied = Applied()
        self._events = self._unread = 0
        self._is_complete = False

    @property
    def position(self) -> str | None:
        """Where to go on."""
        return self._kept.position if self._kept is not None else None

    def belongs(self, post: Post) -> Via | None:
        """Return how a post belongs to us."""
        return self._interest(post)

    def patience(self) -> Patience:
        """Return an allowance for waiting: one moment's, since a stream may last for months."""
        now = self._clock()
        chance = Random(f"{stream_name(self._source.name)} {now}")  # noqa: S311  # jitter
        return Patience(clock=self._clock, rest=self._rest, chance=chance)

    def take(self, heard: Heard) -> None:
        """Store a moment; where nothing in it concerns us, its place is noted now and then only.

        Raises:
            SourceError: the network did not say who wrote a post.
        """
        now = self._clock()
        if now - self._learnt_at >= _LEARN_EVERY:
            self._learn()
        changes, handles = self._meaning(heard, now)
        before = self._kept
        told = min(heard.reached_at, now) if heard.reached_at is not None else None
        reached_at = told or (before.reached_at if before is not None else now)
        since_at = before.since_at if before is not None and not heard.is_gap else reached_at
        self._kept = Kept(position=heard.position, since_at=since_at, reached_at=reached_at)
        self._events += heard.events
        self._unread += heard.unread
        self._is_complete = _is_caught_up(heard, self._began_at)
        if changes or handles or heard.is_gap or now - self._noted_at >= _NOTE_EVERY:
            self.note(changes, handles)

    def note(self, changes: Sequence[Change] = (), handles: Mapping[tuple[str, str], str] | None = None) -> None:
        """Store changes with the place where to go on, in one transaction; nothing where nothing moved."""
        kept = self._kept
        if kept is None or (kept == self._noted and not changes):
            return
        now = self._clock()
        self._applied += self._corpus.posts.apply(
            changes,
            source=self._source.name,
            now=now,
            checkpoint=Checkpoint(name=stream_name(self._source.name), value=msgspec.json.encode(kept).decode()),
            renamed=handles,
        )
        self._noted, self._noted_at = kept, now
        self._cover(kept)

    def _meaning(self, heard: Heard, now: datetime) -> tuple[list[Change], dict[tuple[str, str], str]]:
        """Return what a moment means for the corpus; what is neither ours nor known means nothing."""
        if heard.is_empty:
            return [], {}
        network, posts = self._source.network, self._corpus.posts
        named = {post.native_id for post in (*heard.posts, *heard.edits)} | heard.deleted
        known = posts.known(network, sorted(named)) if named else {}
        authors = posts.by_authors(network, sorted({*heard.left, *heard.handles}))
        fresh = self._introduced([post for post in heard.posts if post.native_id not in known], now)
        edits = [post for post in (*heard.posts, *heard.edits) if post.native_id in known]
        decided = decide([*fresh, *edits], known, now)
        changes: list[Change] = [change for change in decided if not isinstance(change, Skip)]
        deleted = [native_id for native_id in sorted(heard.deleted & known.keys()) if known[native_id].gone is None]
        changes += [Bury(network, native_id, "deleted", now) for native_id in deleted]
        for author, gone in heard.left.items():
            changes += [Bury(network, native_id, gone, now) for native_id in authors.get(author, ())]
        handles = {(network, author): name for author, name in heard.handles.items() if author in authors}
        return changes, handles

    def _introduced(self, posts: Sequence[Post], now: datetime) -> Sequence[Post]:
        """Return new posts with their authors' names, asked for under the source's own pauses."""
        if not posts:
            return posts
        name = self._source.name
        state = self._corpus.ledger.source_state(name)
        if state is not None and state.resume_at is not None and now < state.resume_at:
            problem = f"Source {name!r}: it rests until {written(state.resume_at)}, and so its stream waits."
            raise SourceUnavailableError(problem, state="rate_limited", resume_at=state.resume_at)
        try:
            return self._source.introduced(posts, self.patience())
        except SourceError as error:
            keep_waiting(self._corpus, name, error, None, self._clock())
            raise

    def _learn(self) -> None:
        self._learnt_at = self._clock()
        depth = self._settings.thread_depth if self._settings.thread_requests else 0
        known = self._corpus.posts.relations(self._source.network, self._learnt_at - WINDOW) if depth else ()
        self._interest = Interest(self._programme.hashtags, depth, known)

    def _cover(self, kept: Kept) -> None:
        """Note the hours of which everything was told."""
        start = max(kept.since_at, self._covered_to or kept.reached_at - _RECENT)
        if self._covered_to == hour_of(kept.reached_at):
            return
        self._corpus.ledger.cover(
            covered_hours(self._corpus, self._source, start, kept.reached_at, is_first=True, now=self._clock())
        )
        self._covered_to = hour_of(kept.reached_at)

    def found(self, trouble: SourceError | None) -> Overheard:
        """Return what it came to."""
        return Overheard(
            inserted=self._applied.inserted,
            updated=self._applied.updated,
            buried=self._applied.buried,
            events=self._events,
            unread=self._unread,
            complete=self._is_complete and trouble is None,
            problem=str(trouble) if trouble is not None else None,
        )
