"""What X has cost in a calendar month: money is set aside before each request and settled by what came.

What was set aside for a request whose answer got lost stays spent for that day's request: X may have billed it. The
same request on the same day is billed once, so that asking again replaces it.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from typing import TypeVar

import msgspec

from collector.errors import SourceUnavailableError
from collector.source import Memory
from collector.x_bill import POST, USER, Delivered, dollars, month_of, next_month

T = TypeVar("T")
_MARKS = 20_000
"""Things of a day that are remembered as paid; what comes beyond is counted each time."""


class _Book(msgspec.Struct):
    """One month of one source."""

    spent: int = 0
    """Thousandths of a dollar, without what is set aside."""
    aside: dict[str, int] = {}
    """For requests whose answer has not come: the day and the request."""
    day: str = ""
    paid: list[str] = []
    """Marks of what was billed on the day: X bills a thing once a day."""
    checked_on: str = ""
    """Day on which X was last asked for its own account."""

    @property
    def all(self) -> int:
        return self.spent + sum(self.aside.values())


class XAccount:
    """The account of one source."""

    def __init__(self, source: str, budget_usd: float | None, memory: Memory) -> None:
        self._source = source
        self._limit = None if budget_usd is None else int(budget_usd * 1000)
        self._memory = memory

    @property
    def is_limited(self) -> bool:
        """Whether there is a budget."""
        return self._limit is not None

    def spent(self, now: datetime) -> int:
        """Return what the month has cost so far, with what is set aside."""
        return msgspec.convert(self._memory.get(self._key(now)) or {}, _Book).all

    def left(self, now: datetime) -> int | None:
        """Return what is left of the month's budget; None without one."""
        return None if self._limit is None else max(self._limit - self.spent(now), 0)

    def set_aside(self, question: str, each: int, *, most: int, least: int, now: datetime) -> tuple[int, str]:
        """Return how many things may be asked for, and the name under which their price was set aside.

        Args:
            question: what is asked, the same text for the same things.
            each: the most that one of them costs.
            most: how many are wanted.
            least: how many X lets one ask for at least.
            now: the present instant.

        Raises:
            SourceUnavailableError: the budget does not reach for the least; it goes on with the next month.
        """
        name = f"{now:%Y-%m-%d} {blake2b(question.encode(), digest_size=8).hexdigest()}"

        def turn(book: _Book) -> tuple[int, int]:
            spent = book.all - book.aside.get(name, 0) - book.aside.get(_lost(name), 0)
            count = most if self._limit is None else min(most, (self._limit - spent) // each)
            if count >= least:
                book.aside[name] = count * each
            return count, spent

        count, spent = self._change(now, turn)
        if count < least:
            raise SourceUnavailableError(
                f"Source {self._source!r}: {dollars(spent)} of this month's {dollars(self._limit or 0)} for X are "
                f"spent, and the next request may cost {dollars(least * each)}.",
                f"It goes on by itself on {next_month(now):%Y-%m-%d}; for more, raise monthly_budget_usd in "
                "sources.toml.",
                state="paused",
                resume_at=next_month(now),
            )
        return count, name

    def give_back(self, name: str, now: datetime) -> None:
        """Free what was set aside: the request cost nothing."""
        self._change(now, lambda book: book.aside.pop(name, None))

    def lose(self, name: str, now: datetime) -> None:
        """Keep what was set aside: no answer came, and X may have billed it."""

        def turn(book: _Book) -> None:
            book.aside[_lost(name)] = max(book.aside.pop(name, 0), book.aside.get(_lost(name), 0))

        self._change(now, turn)

    def settle(self, name: str, delivered: Delivered, now: datetime) -> None:
        """Book what came in place of what was set aside; what was paid today costs nothing."""

        def turn(book: _Book) -> None:
            book.aside.pop(name, None)
            book.aside.pop(_lost(name), None)
            today = f"{now:%Y-%m-%d}"
            if book.day != today:
                book.day, book.paid = today, []
            paid = set(book.paid)
            posts, users = delivered.posts - paid, delivered.users - paid
            book.spent += POST * len(posts) + USER * len(users)
            book.paid += sorted(posts | users)[: max(_MARKS - len(book.paid), 0)]

        self._change(now, turn)

    def settle_whole(self, name: str, now: datetime) -> None:
        """Book the whole of what was set aside."""

        def turn(book: _Book) -> None:
            book.spent += book.aside.pop(name, 0)
            book.aside.pop(_lost(name), None)

        self._change(now, turn)

    def is_check_due(self, now: datetime) -> bool:
        """Return whether X should be asked for its own account, at most once a day; the day then counts as asked."""
        today = f"{now:%Y-%m-%d}"

        def turn(book: _Book) -> bool:
            is_due, book.checked_on = book.checked_on != today, today
            return is_due

        return self.is_limited and self._change(now, turn)

    def compare(self, posts: int, now: datetime) -> None:
        """Believe X where its own count of posts comes to more than ours."""

        def turn(book: _Book) -> None:
            book.spent = max(book.spent, POST * posts)

        self._change(now, turn)

    def _change(self, now: datetime, turn: Callable[[_Book], T]) -> T:
        def of_json(value: object) -> tuple[object, T]:
            book = msgspec.convert(value or {}, _Book)
            said = turn(book)
            return msgspec.to_builtins(book), said

        return self._memory.change(self._key(now), of_json, now=now)

    def _key(self, now: datetime) -> str:
        return f"spending of {self._source} {month_of(now):%Y-%m}"


def _lost(name: str) -> str:
    return f"lost {name}"


class NoMemory:
    """Forgets everything: for a source without a budget that nobody gave an account."""

    def get(self, key: str) -> None:
        """Return that there is nothing."""
        del key

    def change(self, key: str, turn: Callable[[object], tuple[object, T]], *, now: datetime) -> T:
        """Return what the turn says."""
        del key, now
        return turn(None)[1]
