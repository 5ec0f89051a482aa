"""How many posts a source missed, where its network counts what it does not show: asked once a day.

Counts are asked for apart from the search and are kept by the hour, longer than the network remembers them.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from collector.errors import SourceError
from collector.hours import HOUR, hour_of
from collector.retry import Patience
from collector.source import Billed, Counting, Source
from collector.waiting import keep_waiting
from corpus.store import Corpus

EVERY = timedelta(hours=24)
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


def estimated_misses(corpus: Corpus, source: str, network: str, start_at: datetime, end_at: datetime) -> int | None:
    """Return the posts of the hours in [start_at, end_at) that the network counts and we lack; None: it was not asked.

    Ours are those that were found by themselves: what came in by a thread is not among what the network counts.
    """
    told = corpus.facts.get(_key(source))
    if not told:
        return None
    counted: Mapping[datetime, int] = {
        hour: count
        for text, count in told["hours"].items()
        if start_at <= (hour := datetime.fromisoformat(text)) < end_at
    }
    if not counted:
        return None
    ours = Counter(
        hour_of(stored.post.created_at)
        for stored in corpus.posts.between(min(counted), max(counted) + HOUR)
        if stored.post.network == network and stored.post.via != "thread"
    )
    return sum(max(0, count - ours[hour]) for hour, count in counted.items())


def _key(source: str) -> str:
    return f"counts of {source}"
