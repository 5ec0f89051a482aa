"""What X bills: prices, what an answer contains of it, and calendar months. Amounts are thousandths of a dollar.

See https://docs.x.com/x-api/getting-started/pricing
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec

from collector.unreadable import UNREADABLE

POST = 5
"""$0.005 a post read."""
USER = 10
"""$0.010 a user read."""
COUNTS = 5
"""$0.005 a request for counts."""
EACH: Mapping[str, int] = {"tweet": POST + USER, "post": 8 * POST + USER}
"""The most that one result costs, by naming: the post and its writer; in the new naming also the posts to which it
refers (two at most) and the other versions of an edited one (five at most), which come as expansions there."""


class _Resource(msgspec.Struct):
    id: str | int | None = None


class _Includes(msgspec.Struct):
    users: list[_Resource] = []
    tweets: list[_Resource] = []
    posts: list[_Resource] = []


class _Answer(msgspec.Struct):
    data: list[_Resource] = []
    includes: _Includes = msgspec.field(default_factory=_Includes)


class _Day(msgspec.Struct):
    date: str = ""
    usage: str | int = 0


class _Days(msgspec.Struct):
    usage: list[_Day] = []


class _Usage(msgspec.Struct):
    daily_project_usage: _Days = msgspec.field(default_factory=_Days)


class _UsageAnswer(msgspec.Struct):
    data: _Usage


_read_answer = msgspec.json.Decoder(_Answer).decode
_read_usage = msgspec.json.Decoder(_UsageAnswer).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The billed things of one answer, each named by a mark that tells no person."""

    posts: frozenset[str]
    users: frozenset[str]


def delivered_in(body: bytes) -> Delivered | None:
    """Return what an answer holds of billed things; None where it cannot be read."""
    try:
        answer = _read_answer(body)
    except UNREADABLE:
        return None
    beside = answer.includes
    return Delivered(
        posts=frozenset(_mark("p", one) for one in (*answer.data, *beside.tweets, *beside.posts)),
        users=frozenset(_mark("u", one) for one in beside.users),
    )


def _mark(kind: str, one: _Resource) -> str:
    return kind + blake2b(str(one.id).encode(errors="replace"), digest_size=6).hexdigest()


def used_since(body: bytes, start_at: datetime) -> int | None:
    """Return the posts that X counted since the first of a month; None where its usage cannot be read."""
    try:
        days = _read_usage(body).data.daily_project_usage.usage
        return sum(int(day.usage) for day in days if datetime.fromisoformat(day.date).date() >= start_at.date())
    except (*UNREADABLE, ValueError):
        return None


def month_of(instant: datetime) -> datetime:
    """Return the start of a calendar month in UTC."""
    return instant.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(instant: datetime) -> datetime:
    """Return the start of the calendar month after."""
    return month_of(month_of(instant) + timedelta(days=32))


def dollars(amount: int) -> str:
    """Return an amount in words for people: ``$0.015``, ``$12.50``."""
    return f"${amount / 1000:.3f}" if amount % 10 else f"${amount / 1000:.2f}"
