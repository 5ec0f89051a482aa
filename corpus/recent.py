# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""The discussions in which something was said last, newest first, without a search: the work has a bound."""

import re
from dataclasses import dataclass
from datetime import datetime

from corpus.classified import Reader
from corpus.database import Database
from corpus.discussion import SPEAKS, Discussion
from corpus.discussions import Discussions
from corpus.instants import to_micros
from corpus.post import ClassifiedPost
from corpus.question import QuestionError
from corpus.search_query import END, Filters, conditions_of

_CHUNKS = (200, 800, 3_200)
"""Posts that are held against filters one after another: with a rare theme all are held, and the page is short."""
_KEY = re.compile(r"d\.([0-9]{1,19})\.([0-9]{1,19})")
_ORDER = "(p.created_at, p.post_id)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A discussion in a list."""

    discussion: Discussion | None
    """None: the post was not placed yet and stands alone."""
    first: ClassifiedPost
    """The earliest post, which names it."""
    shown: ClassifiedPost
    """The post by which it came into the list: the newest that answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentPage:
    """A page of the newest posts, one a discussion."""

    post_ids: tuple[int, ...]
    """Of each discussion the newest post that answers."""
    next_key: str | None
    """To go on from; None where everything was looked at."""


class Recent:
    """Lists discussions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = Reader(database)
        self._discussions = Discussions(database)

    def page(self, filters: Filters, *, limit: int, key: str | None = None) -> RecentPage:
        """Return the discussions whose newest post that passes the filters is newest.

        A page may be short, even empty, and still have a next one: so many posts are looked at and no more.

        Raises:
            QuestionError: the key is not one that a page gave.
            DatabaseUnavailableError: it cannot be read.
        """
        began = _key_parts(key) if key is not None else (END, END)
        span, values = _span(filters)
        conditions = [(SPEAKS, ()), (span, values), *conditions_of(filters)]
        asked = " AND ".join(condition for condition, _ in conditions)
        asked_values = [value for _, some in conditions for value in some]
        found: dict[int, int] = {}
        seen: set[int] = set()
        last = began
        for size in _CHUNKS:
            rows = self._database.query(
                f"SELECT p.post_id, p.created_at, coalesce(d.first_id, p.post_id), CASE WHEN {asked} THEN 1 ELSE 0 END"
                f" FROM (SELECT * FROM posts p WHERE {span} AND p.created_at <= ? AND {_ORDER} < (?, ?)"
                " ORDER BY p.created_at DESC, p.post_id DESC LIMIT ?) p"
                " LEFT JOIN discussion_posts d ON d.post_id = p.post_id ORDER BY p.created_at DESC, p.post_id DESC",
                (*asked_values, *values, last[0], *last, size),
            )
            answering = [row for row in rows if row[3]]
            fresh = {row[2] for row in answering} - seen
            seen |= fresh
            earlier = self._listed_before(fresh, began, asked, asked_values) if key is not None else set()
            for post_id, created_at, first_id, _ in answering:
                if first_id in earlier or first_id in found:
                    continue
                if len(found) == limit:
                    return RecentPage(post_ids=tuple(found.values()), next_key="d.{}.{}".format(*last))
                found[first_id] = post_id
                last = (created_at, post_id)
            if len(rows) < size:
                return RecentPage(post_ids=tuple(found.values()), next_key=None)
            last = (rows[-1][1], rows[-1][0])
        return RecentPage(post_ids=tuple(found.values()), next_key="d.{}.{}".format(*last))

    def listed(self, post_ids: tuple[int, ...]) -> list[Listed]:
        """Return the discussions of posts, each once, in the posts' order; what is unknown is left out."""
        firsts = self._discussions.firsts(post_ids)
        whole = self._discussions.whole(set(firsts.values()))
        posts = {
            post.stored.post_id: post for post in self._reader.classified_of(sorted({*post_ids, *firsts.values()}))
        }
        shown: dict[int, Listed] = {}
        for post_id in post_ids:
            first = firsts[post_id]
            if first not in shown and first in posts and post_id in posts:
                shown[first] = Listed(discussion=whole.get(first), first=posts[first], shown=posts[post_id])
        return list(shown.values())

    def _listed_before(self, firsts: set[int], began: tuple[int, int], asked: str, values: list[object]) -> set[int]:
        """Return which discussions have a newer post that answers: an earlier page listed them."""
        rows = self._database.query(
            f"SELECT DISTINCT d.first_id FROM discussion_posts d JOIN posts p ON p.post_id = d.post_id"
            f" WHERE {self._database.among('d.first_id')} AND {_ORDER} >= (?, ?) AND {asked}",
            (self._database.keys(firsts), *began, *values),
        )
        return {row[0] for row in rows}


def _span(filters: Filters) -> tuple[str, list[int]]:
    """Return the period as a condition that the index of times answers, and its parameters."""
    wanted: list[tuple[str, datetime]] = []
    if filters.since is not None:
        wanted.append(("p.created_at >= ?", filters.since))
    if filters.until is not None:
        wanted.append(("p.created_at < ?", filters.until))
    return " AND ".join(["1 = 1", *(condition for condition, _ in wanted)]), [to_micros(at) for _, at in wanted]


def _key_parts(key: str) -> tuple[int, int]:
    match = _KEY.fullmatch(key)
    numbers = (int(match[1]), int(match[2])) if match else None
    if numbers is None or max(numbers) > END:
        raise QuestionError("key")
    return numbers
