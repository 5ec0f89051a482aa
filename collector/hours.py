"""Which hours of a source a round covered, or failed to."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from collector.source import Source
from corpus.ledger import HourCoverage, HourState, State
from corpus.store import Corpus

HOUR = timedelta(hours=1)
_LONGEST = timedelta(days=400)
"""Weeks are compared with the 52 before them; what lies further back is not counted by the hour."""
_TROUBLES: dict[State, HourState] = {
    "failing": "failed",
    "refused": "refused",
    "rate_limited": "rate_limited",
    "paused": "paused",
}


def hour_of(instant: datetime) -> datetime:
    """Return the start of the hour in which an instant falls."""
    return instant.replace(minute=0, second=0, microsecond=0)


def covered_hours(
    corpus: Corpus,
    source: Source,
    from_at: datetime,
    to_at: datetime,
    *,
    is_first: bool,
    now: datetime,
    due_until: datetime | None = None,
) -> Iterator[HourCoverage]:
    """Yield the whole hours that are collected between two instants, with the posts that the corpus has of them.

    The hour that is not over is left to the next round. Of a first round the hour that began before it is left out too.

    Args:
        corpus: what the posts are counted in.
        source: what was read.
        from_at: start of what is collected.
        to_at: its end.
        is_first: nothing was collected before it.
        now: when that was.
        due_until: hours that were over by then should have been collected earlier: they were a gap.
    """
    from_at = max(from_at, to_at - _LONGEST)
    start = hour_of(from_at) + (HOUR if is_first and from_at > hour_of(from_at) else timedelta())
    end = hour_of(to_at)
    posts = Counter(
        hour_of(stored.post.created_at)
        for stored in corpus.posts.between(start, end)
        if stored.post.network == source.network
    )
    hour = start
    while hour < end:
        yield HourCoverage(
            source=source.name,
            hour_at=hour,
            state="covered" if posts[hour] else "empty",
            posts=posts[hour],
            was="off" if due_until is not None and hour + HOUR <= due_until else None,
            refilled_at=now,
        )
        hour += HOUR


def troubled_hour(source: str, state: State, now: datetime) -> list[HourCoverage]:
    """Return the present hour as one in which a source could not be collected; nothing where it could."""
    return [HourCoverage(source=source, hour_at=hour_of(now), state=_TROUBLES[state])] if state in _TROUBLES else []
