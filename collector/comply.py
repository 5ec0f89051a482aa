"""Every post of a network held against the network's own list of what is gone, however old the post is.

A job lasts from minutes to days, longer than a command waits: it is remembered, and the same command goes on with it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, Protocol, runtime_checkable

from collector.errors import SourceError
from collector.retry import Patience
from collector.source import Billed, Source
from collector.sweep import JOB
from collector.waiting import keep_waiting
from collector.x_batch import Job, Verdict, XBatch
from collector.x_post import as_id
from corpus.changes import Bury
from corpus.ledger import RunState, State
from corpus.store import Corpus

_GONE = frozenset({"deleted", "deactivated", "suspended", "protected"})
_PLACELESS = "scrub_geo"
_LOOKS = 3
_PAUSE = timedelta(seconds=5)
_BATCH = 1_000


@runtime_checkable
class Batched(Protocol):
    """A source whose network judges lists of posts."""

    @property
    def batch(self) -> XBatch:
        """The network's jobs."""


class BatchedSource(Source, Batched, Protocol):
    """A source whose network judges lists of posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complied:
    """How far the holding of all posts against the network's list has come."""

    source: str
    state: State
    job: str | None
    """The network's number of it; None where there is none."""
    posts: int = 0
    """Handed in."""
    buried: int = 0
    scrubbed: int = 0
    """Whose payload was dropped, since it may hold a place."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    complete: bool = False
    problem: str | None = None

    @property
    def looked_at(self) -> int:
        """Posts that were judged."""
        return self.posts if self.complete else 0

    def as_json(self) -> dict[str, object]:
        """Return it as ``sweep --all --json`` prints it."""
        return {
            "source": self.source,
            "state": self.state,
            "job": self.job,
            "looked_at": self.looked_at,
            "buried": self.buried,
            "scrubbed": self.scrubbed,
            "reasons": dict(self.reasons),
            "complete": self.complete,
            "problem": self.problem,
        }


def comply(
    source: BatchedSource,
    corpus: Corpus,
    *,
    clock: Callable[[], datetime],
    rest: Callable[[float], None],
) -> Complied:
    """Return how far it has come: opened, handed in, waited for, applied; a fault of the network is never raised."""
    now = clock()
    before = corpus.ledger.source_state(source.name)
    if before is not None and before.resume_at is not None and now < before.resume_at:
        problem = f"Source {source.name!r} rests: nothing was asked."
        return Complied(source=source.name, state=before.state, job=None, problem=problem)
    if isinstance(source, Billed):
        source.keep_account(corpus.facts)
    run = corpus.ledger.start(JOB, now=now, source=source.name)
    patience = Patience(clock=clock, rest=rest, chance=Random(f"jobs of {source.name} {now}"))  # noqa: S311  # jitter
    try:
        found = _Work(source, corpus, patience).go_on()
    except SourceError as error:
        keep_waiting(corpus, source.name, error, None, clock())
        job = (corpus.facts.get(_key(source.name)) or {}).get("job")
        found = Complied(source=source.name, state=error.state, job=job, problem=str(error))
    state: RunState = "done" if found.complete else "partly" if found.job else "failed"
    counts = {"looked_at": found.looked_at, "buried": found.buried}
    corpus.ledger.finish(run, state=state, now=clock(), counts=counts, problem=found.problem)
    return found


def _key(source: str) -> str:
    return f"compliance of {source}"


@dataclass(slots=True)
class _Work:
    """One job under way."""

    source: BatchedSource
    corpus: Corpus
    patience: Patience

    def go_on(self) -> Complied:
        batch, fact = self.source.batch, self._fact()
        if fact is None:
            native_ids = self.corpus.posts.living(self.source.network)
            if not native_ids:
                return Complied(source=self.source.name, state="empty", job=None, complete=True)
            job = batch.open(self.patience)
            self._remember(job, posts=None)
        else:
            job = batch.job(fact["job"], self.patience)
        if job.stands == "created" and (fact is None or fact["posts"] is None):
            native_ids = self.corpus.posts.living(self.source.network)
            batch.hand_in(job, native_ids, self.patience)
            self._remember(job, posts=len(native_ids))
        for _ in range(_LOOKS):
            if job.stands not in ("created", "in_progress") or not self.patience.wait_until(
                self.patience.now() + _PAUSE
            ):
                break
            job = batch.job(job.native_id, self.patience)
        return self._end(job)

    def _end(self, job: Job) -> Complied:
        name, posts = self.source.name, (self._fact() or {}).get("posts") or 0
        if job.stands in ("created", "in_progress"):
            problem = f"Source {name!r}: the job {job.native_id} is under way. Run the same command later."
            return Complied(source=name, state="ok", job=job.native_id, posts=posts, problem=problem)
        if job.stands != "complete":
            self.corpus.facts.put(_key(name), None, now=self.patience.now())
            problem = f"Source {name!r}: the job {job.native_id} has {job.stands}. The same command begins another."
            return Complied(source=name, state="failing", job=job.native_id, posts=posts, problem=problem)
        reasons: Counter[str] = Counter()
        buried = scrubbed = 0
        told = self.source.batch.verdicts(job, self.patience)
        while verdicts := list(islice(told, _BATCH)):
            reasons.update(verdict.reason for verdict in verdicts)
            buried += self._bury([one for one in verdicts if one.reason in _GONE])
            placeless = [native for one in verdicts if one.reason == _PLACELESS and (native := as_id(one.id))]
            scrubbed += self.corpus.posts.drop_payloads(self.source.network, placeless)
        self.corpus.facts.put(_key(name), None, now=self.patience.now())
        return Complied(
            source=name,
            state="ok",
            job=job.native_id,
            posts=posts,
            buried=buried,
            scrubbed=scrubbed,
            reasons=dict(reasons),
            complete=True,
        )

    def _bury(self, verdicts: Sequence[Verdict]) -> int:
        network, now = self.source.network, self.patience.now()
        changes = [Bury(network, native, "deleted", now) for one in verdicts if (native := as_id(one.id))]
        return self.corpus.posts.apply(changes, source=self.source.name, now=now).buried

    def _fact(self) -> Any:  # noqa: ANN401 - JSON
        return self.corpus.facts.get(_key(self.source.name))

    def _remember(self, job: Job, *, posts: int | None) -> None:
        self.corpus.facts.put(
            _key(self.source.name), {"job": job.native_id, "posts": posts}, now=self.patience.now(), durable=True
        )
