"""Edits and deletions of posts that are known: each is looked up again when nobody has seen it for a day.

See https://docs.x.com/developer-terms/policy: content that was deleted or changed is to be treated so within 24 hours.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Protocol

from collector.errors import SourceError
from collector.rejects import rejects_path, write_rejects
from collector.retry import Patience
from collector.source import Seeing, Sighting, Source, lend
from collector.waiting import keep_waiting
from corpus.changes import Bury, Change, decide
from corpus.ledger import RunState, State
from corpus.post import Gone
from corpus.posts import Applied
from corpus.store import Corpus
from programme.types import SourceSettings

JOB = "sweep"
EVERY = timedelta(hours=24)
"""How long a post may go unseen."""
AGAIN = timedelta(hours=1)
"""After which a post that was left out without a word is asked for once more, before it counts as deleted."""
WINDOW = timedelta(days=30)
"""Age up to which posts are looked up where the network itself knows no window."""


class SeeingSource(Source, Seeing, Protocol):
    """A source that can be asked for posts by their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep of one source came to."""

    source: str
    state: State
    looked_at: int = 0
    updated: int = 0
    buried: int = 0
    unjudged: int = 0
    """Posts of which the network said nothing."""
    left: int = 0
    """Posts that were due and not asked for."""
    problem: str | None = None

    @property
    def complete(self) -> bool:
        """Whether every post that was due was asked for."""
        return self.problem is None and not self.left

    def as_json(self) -> dict[str, object]:
        """Return it as ``sweep --json`` prints it."""
        return {
            "source": self.source,
            "state": self.state,
            "looked_at": self.looked_at,
            "updated": self.updated,
            "buried": self.buried,
            "unjudged": self.unjudged,
            "left": self.left,
            "complete": self.complete,
            "problem": self.problem,
        }


def sweep_source(
    source: SeeingSource,
    corpus: Corpus,
    *,
    settings: SourceSettings,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
    data_directory: Path,
    only: Sequence[str] | None = None,
) -> Swept:
    """Return what has become of the posts that nobody has seen for a day; a fault of the network is never raised.

    Each answer is stored in one transaction, and what it says of a post is when the post was last seen: a sweep that
    stops is continued by the next. With ``only``, these posts are looked up instead, however lately they were seen.
    """
    now = clock()
    before = corpus.ledger.source_state(source.name)
    if before is not None and before.resume_at is not None and now < before.resume_at:
        return Swept(
            source=source.name, state=before.state, problem=f"Source {source.name!r} rests: nothing was asked."
        )
    due = only if only is not None else _due(source, corpus, now, source.most_at_once * settings.sweep_requests + 1)
    if not due or not settings.sweep_requests:
        return Swept(source=source.name, state="empty")
    lend(source, corpus.facts)
    run = corpus.ledger.start(JOB, now=now, source=source.name)
    patience = Patience(clock=clock, rest=rest, chance=Random(f"sweep of {source.name} {now}"))  # noqa: S311  # jitter
    queue = deque(due)
    looking = _Looking(source, corpus, patience, data_directory)
    trouble: SourceError | None = None
    try:
        while queue and looking.not_before is None and looking.requests < settings.sweep_requests:
            looking.look(queue)
    except SourceError as error:
        trouble = error
    keep_waiting(corpus, source.name, trouble, looking.not_before, clock())
    found = looking.found(trouble, left=len(queue))
    state: RunState = "done" if found.complete else "partly" if found.looked_at else "failed"
    counts = {
        "looked_at": found.looked_at,
        "updated": found.updated,
        "buried": found.buried,
        "unjudged": found.unjudged,
    }
    corpus.ledger.finish(run, state=state, now=clock(), counts=counts, problem=found.problem)
    return found


def _due(source: SeeingSource, corpus: Corpus, now: datetime, limit: int) -> list[str]:
    """Return whom to ask for: what the network did not judge waits, so that it holds up no other."""
    waiting = _since(now - EVERY, corpus.facts.get(_unjudged_name(source.name)))
    waiting |= _since(now - AGAIN, corpus.facts.get(_missing_name(source.name)))
    unseen = corpus.posts.unseen(
        source.network,
        since=now - (source.reach or WINDOW),
        seen_before=now - EVERY,
        limit=limit + len(waiting),
    )
    return [native_id for native_id in unseen if native_id not in waiting][:limit]


def _since(instant: datetime, fact: Mapping[str, int] | None) -> dict[str, int]:
    """Return the posts that were noted after an instant, each with the second."""
    return {native_id: at for native_id, at in (fact or {}).items() if at > instant.timestamp()}


def _unjudged_name(source: str) -> str:
    return f"not judged by {source}"


def _missing_name(source: str) -> str:
    return f"left out by {source}"


@dataclass(slots=True)
class _Looking:
    """One sweep under way."""

    source: SeeingSource
    corpus: Corpus
    patience: Patience
    data_directory: Path
    requests: int = 0
    asked: int = 0
    judged: int = 0
    applied: Applied = field(default_factory=Applied)
    not_before: datetime | None = None

    def look(self, queue: deque[str]) -> None:
        """Ask for posts at the head of a queue, store what has become of them, and take those asked for from it.

        Raises:
            SourceError: the network did not say.
        """
        name, network = self.source.name, self.source.network
        given = list(islice(queue, self.source.most_at_once))
        sighting = self.source.look_up(given, self.patience)
        native_ids = [native_id for native_id in given if native_id not in sighting.unasked]
        for _ in given:
            queue.popleft()
        queue.extendleft(native_id for native_id in reversed(given) if native_id in sighting.unasked)
        self.requests += 1
        self.asked += len(native_ids)
        self.not_before = sighting.not_before
        now = self.patience.now()
        gone: dict[str, Gone] = {**sighting.gone, **dict.fromkeys(self._missed_again(sighting, now), "deleted")}
        told = {post.native_id for post in sighting.posts}.union(gone)
        self.judged += len(told.intersection(native_ids))
        write_rejects(rejects_path(self.data_directory, name), name, sighting.rejected)
        known = self.corpus.posts.known(network, [post.native_id for post in sighting.posts])
        changes: list[Change] = decide([post for post in sighting.posts if post.native_id in known], known, now)
        changes += [Bury(network, native_id, why, now) for native_id, why in gone.items()]
        self.applied += self.corpus.posts.apply(changes, source=name, now=now, seen=sighting.posts)
        self._note(_unjudged_name(name), set(native_ids) - told - sighting.missing, told, EVERY)
        self._note(_missing_name(name), sighting.missing - told, told, WINDOW)

    def _missed_again(self, sighting: Sighting, now: datetime) -> set[str]:
        """Return what was left out now and was left out before, long enough ago."""
        before = self.corpus.facts.get(_missing_name(self.source.name)) or {}
        limit = (now - AGAIN).timestamp()
        return {native_id for native_id in sighting.missing if before.get(native_id, limit + 1) <= limit}

    def _note(self, name: str, found: AbstractSet[str], told: AbstractSet[str], kept_for: timedelta) -> None:
        """Remember since when posts are in doubt, and forget those of which the network spoke."""
        now = self.patience.now()
        before = self.corpus.facts.get(name) or {}
        if not found and told.isdisjoint(before):
            return

        def turn(fact: Mapping[str, int] | None) -> tuple[object, None]:
            kept = {one: at for one, at in _since(now - kept_for, fact).items() if one not in told}
            return {**dict.fromkeys(sorted(found), int(now.timestamp())), **kept}, None

        self.corpus.facts.change(name, turn, now=now)

    def found(self, trouble: SourceError | None, *, left: int) -> Swept:
        """Return what the sweep came to."""
        return Swept(
            source=self.source.name,
            state=trouble.state if trouble else "ok",
            looked_at=self.asked,
            updated=self.applied.updated,
            buried=self.applied.buried,
            unjudged=self.asked - self.judged,
            left=left,
            problem=str(trouble) if trouble else None,
        )


class Standing(Protocol):
    """How far a sweep of one source, or of all its posts, has come."""

    @property
    def complete(self) -> bool:
        """Whether every post that was due was asked for."""

    @property
    def looked_at(self) -> int:
        """Posts that were asked for."""


def standing(found: Sequence[Standing]) -> RunState:
    """Return done, partly, or failed where nothing was complete."""
    complete = [one.complete for one in found]
    return "done" if all(complete) else "partly" if any(complete) or any(one.looked_at for one in found) else "failed"
