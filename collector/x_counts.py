"""Answers of X's counts endpoints.

See https://docs.x.com/x-api/posts/counts/introduction
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from collector.hours import hour_of
from collector.instants import read_instant
from collector.unreadable import UNREADABLE


class _Count(msgspec.Struct):
    start: str
    tweet_count: int | None = None
    post_count: int | None = None


class _Meta(msgspec.Struct):
    next_token: str | None = None


class _Answer(msgspec.Struct):
    data: list[_Count]
    meta: _Meta = msgspec.field(default_factory=_Meta)


_read = msgspec.json.Decoder(_Answer).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One page of counts."""

    by_hour: Mapping[datetime, int]
    next_token: str | None


def read_counts(body: bytes, now: datetime) -> Counted | None:
    """Return the posts by the hour in which a count begins; None where it is no answer."""
    try:
        answer = _read(body)
        by_hour: dict[datetime, int] = {}
        for one in answer.data:
            hour = hour_of(read_instant(one.start, now))
            by_hour[hour] = by_hour.get(hour, 0) + (one.tweet_count or one.post_count or 0)
    except (*UNREADABLE, ValueError):
        return None
    return Counted(by_hour=by_hour, next_token=answer.meta.next_token or None)
