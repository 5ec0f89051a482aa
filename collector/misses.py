"""How many posts a source missed, where its network counts what it does not show: asked once a day.

Counts are asked for apart from the search and are kept by the hour, longer than the network remembers them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal, Protocol

from collector.errors import SourceError
from collector.hours import HOUR, hour_of
from collector.retry import Patience
from collector.source import Billed, Counting, Source
from collector.waiting import keep_waiting
from corpus.store import Corpus

EVERY = timedelta(hours=24)
Basis = Literal["count", "pace", "both"]
"""By the network's own count; by the source's usual pace; or by the count where there is one and else by the pace."""
_KEPT = timedelta(days=60)
_WINDOW = timedelta(days=7)


class CountingSource(Source, Counting, Protocol):
    """A source whose network counts."""


def count_network(
    source: CountingSource, corpus: Corpus, *, clock: Callable[[], datetime], rest: Callable[[float], None]
) -> bool:
    """Ask the network for its counts where that was not done for a day; return whether it told them.

    A fault of the network is never raised: the counts are asked for again with the next round.
    """
    now = clock()
    before = corpus.facts.get(_key(source.name)) or {}
    asked_at = before.get("asked_at")
    if asked_at is not None and now - datetime.fromisoformat(asked_at) < EVERY:
        return False
    if isinstance(source, Billed):
        source.keep_account(corpus.facts)
    patience = Patience(clock=clock, rest=rest, chance=Random(f"counts of {source.name} {now}"))  # noqa: S311  # jitter
    end = hour_of(now)
    start = end - (source.reach or _WINDOW) + HOUR
    try:
        counted = source.count_hours(start, end, patience)
    except SourceError as error:
        keep_waiting(corpus, source.name, error, None, clock())
        return False
    hours = {
        hour: count for hour, count in before.get("hours", {}).items() if datetime.fromisoformat(hour) > now - _KEPT
    }
    while start < end:
        hours[start.isoformat()] = counted.get(start, 0)
        start += HOUR
    corpus.facts.put(_key(source.name), {"asked_at": now.isoformat(), "hours": hours}, now=now)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """How many posts a source missed in a span, and how that is known."""

    posts: int
    by: Basis


def counted_hours(corpus: Corpus, source: str, start_at: datetime, end_at: datetime) -> dict[datetime, int]:
    """Return the posts by hour of [start_at, end_at) as the network told them; hours that it was not asked for lack."""
    told = corpus.facts.get(_key(source)) or {}
    return {
        hour: count
        for text, count in told.get("hours", {}).items()
        if start_at <= (hour := datetime.fromisoformat(text)) < end_at
    }


def missed_by_hour(
    corpus: Corpus, network: str, counted: Mapping[datetime, int], uncollected: Collection[datetime], pace: float
) -> dict[datetime, float]:
    """Return the posts that a source missed, by hour: the one estimate that every report and digest speaks of.

    Hours that the network counts are compared with what we have, whether they were collected or not; where it was not
    asked, an hour that was not collected has missed what the source usually brings in one. Ours are those that were
    found by themselves: what came in by a thread is not among what a network counts.

    Args:
        corpus: what we have.
        network: the source's.
        counted: of ``counted_hours``.
        uncollected: hours of the span that were not collected.
        pace: posts that the source brings in a usual hour.
    """
    missed: dict[datetime, float] = dict.fromkeys(uncollected, pace)
    if counted:
        ours = Counter(
            hour_of(stored.post.created_at)
            for stored in corpus.posts.between(min(counted), max(counted) + HOUR)
            if stored.post.network == network and stored.post.via != "thread"
        )
        missed |= {hour: max(0, count - ours[hour]) for hour, count in counted.items()}
    return missed


def basis_of(counted: Collection[datetime], uncollected: Collection[datetime]) -> Basis | None:
    """Return how the misses are known; None where nothing is missing as far as is known, and nobody was asked."""
    if any(hour not in counted for hour in uncollected):
        return "both" if counted else "pace"
    return "count" if counted else None


def _key(source: str) -> str:
    return f"counts of {source}"
