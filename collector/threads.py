"""The discussions around posts that are known: most answers do not repeat the hashtag.

After a source's round each of its posts that is answered or quoted, and more or less often than when it was last asked
for, is asked for its thread, the newest first, within a number of requests of its own. What comes in so says so
(``via``): every count can tell it apart. A page is stored in one transaction with what was asked; trouble here ends no
round.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Protocol

import msgspec

from collector.errors import SourceError, SourceRefusedError
from collector.rejects import rejects_path, write_rejects
from collector.retry import Patience
from collector.round import Followed
from collector.source import Opening, Page, Source, Threaded, lend
from collector.waiting import keep_waiting
from corpus.changes import decide
from corpus.ledger import Checkpoint, RunState
from corpus.post import Post
from corpus.store import Corpus
from programme.types import Programme, SourceSettings

JOB = "threads"
WINDOW = timedelta(days=7)
"""Age of a post up to which its discussion is followed: as far as X's search reaches."""


class ThreadedSource(Source, Threaded, Protocol):
    """A source that can show the discussion around a post."""


class _Asked(msgspec.Struct, frozen=True, array_like=True):
    """What was known of a discussion when it was last read to its end."""

    answers: int
    """Quotes among them."""
    newest: str | None = None


_read_asked = msgspec.json.Decoder(dict[str, _Asked]).decode


def thread_of(post: Post) -> str:
    """Return what tells the thread of a post from others: two posts of one thread are asked for once."""
    return post.discussion or post.native_id


def waiting(posts: Iterable[Post], asked: Mapping[str, _Asked]) -> dict[str, tuple[Post, int]]:
    """Return the threads that have changed since they were read: one post of each, the answers and quotes of all."""
    threads: dict[str, tuple[Post, int]] = {}
    for post in posts:
        key = thread_of(post)
        opening, answers = threads.get(key, (post, 0))
        threads[key] = (opening, answers + (post.counts.replies or 0) + (post.quotes or 0))
    return {
        key: (opening, answers)
        for key, (opening, answers) in threads.items()
        if key not in asked or asked[key].answers != answers
    }


def follow_threads(
    source: ThreadedSource,
    corpus: Corpus,
    *,
    programme: Programme,
    settings: SourceSettings,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
    data_directory: Path,
) -> Followed | None:
    """Return what came of the discussions of a source; None where none has changed, and then nothing is asked.

    A fault of the network is part of it and never raised; a time that the network names holds for the source's next
    round too.
    """
    now = clock()
    name = f"threads of {source.name}"
    checkpoint = corpus.ledger.checkpoint(name)
    asked = _read_asked(checkpoint.value) if checkpoint else {}
    posts = corpus.posts.with_answers(source.name, source.network, now - WINDOW)
    asked = {key: asked[key] for key in map(thread_of, posts) if key in asked}
    threads = waiting(posts, asked)
    if not threads or not settings.thread_requests:
        return None
    lend(source, corpus.facts)
    run = corpus.ledger.start(JOB, now=now, source=source.name)
    patience = Patience(clock=clock, rest=rest, chance=Random(f"{name} {now}"))  # noqa: S311  # jitter
    following = _Following(source, corpus, programme, settings, name, patience, data_directory, asked)
    trouble: SourceError | None = None
    try:
        for key, (post, answers) in threads.items():
            following.read(key, post, answers)
            if following.requests >= settings.thread_requests or following.not_before is not None:
                break
    except SourceError as error:
        trouble = error
    keep_waiting(corpus, source.name, trouble, following.not_before, clock())
    left = len(threads) - following.threads
    state: RunState = "done" if not left else "partly" if following.requests else "failed"
    counts = {"asked": following.threads, "left": left, "inserted": following.inserted}
    problem = str(trouble) if trouble else None
    corpus.ledger.finish(run, state=state, now=clock(), counts=counts, problem=problem)
    return Followed(asked=following.threads, left=left, inserted=following.inserted, problem=problem)


@dataclass(slots=True)
class _Following:
    """One round of discussions."""

    source: ThreadedSource
    corpus: Corpus
    programme: Programme
    settings: SourceSettings
    name: str
    patience: Patience
    data_directory: Path
    asked: dict[str, _Asked]
    threads: int = 0
    requests: int = 0
    inserted: int = 0
    not_before: datetime | None = None

    def read(self, key: str, post: Post, answers: int) -> None:
        """Read a thread to its end, or as far as the round's requests go.

        Raises:
            SourceError: the network did not give it.
        """
        before = self.asked.get(key)
        newest = before.newest if before else None
        opening = Opening(native_id=post.native_id, discussion=post.discussion, url=post.url, since=newest)
        pages = 0
        try:
            for page in self.source.thread(opening, self.settings.thread_depth, self.patience):
                pages += 1
                self.requests += 1
                self.not_before = page.not_before
                newest = _newest([newest, *(one.native_id for one in page.posts)])
                # A discussion that is longer than a round of its own is read as far as that goes, not over and over.
                is_last = page.watermark is not None or pages >= self.settings.thread_requests
                if is_last:
                    self._note(key, answers, newest)
                self._store(page)
                if is_last or self.requests >= self.settings.thread_requests:
                    return
        except SourceRefusedError:
            # It would refuse the same in every round: it is asked again when there are other answers.
            self._note(key, answers, newest)
            self._store(Page(posts=(), position=""))
            raise

    def _note(self, key: str, answers: int, newest: str | None) -> None:
        self.asked[key] = _Asked(answers, newest)
        self.threads += 1

    def _store(self, page: Page) -> None:
        """Store a page; what carries the hashtag itself would have been found by it, and counts as such."""
        watched = set(self.programme.hashtags)
        posts = [replace(post, via="hashtag") if watched.intersection(post.hashtags) else post for post in page.posts]
        known = self.corpus.posts.known(self.source.network, [post.native_id for post in posts])
        write_rejects(rejects_path(self.data_directory, self.source.name), self.source.name, page.rejected)
        now = self.patience.now()
        applied = self.corpus.posts.apply(
            decide(posts, known, now),
            source=self.source.name,
            now=now,
            checkpoint=Checkpoint(name=self.name, value=msgspec.json.encode(self.asked).decode()),
            seen=page.posts,
        )
        self.inserted += applied.inserted


def _newest(native_ids: Iterable[str | None]) -> str | None:
    """Return the newest of ids that are numbers; of others none is known to be newer."""
    numbers = [native_id for native_id in native_ids if native_id is not None and native_id.isdecimal()]
    return max(numbers, key=int, default=None)
