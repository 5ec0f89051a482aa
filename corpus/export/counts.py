"""The open projection: how many posts and writers a week had in each theme, language and network, pure.

What is published are sums over groups of a week's posts that have no post in common, each with posts by at least
``LEAST`` writers: the week as a whole, its cells, and what is left of it as one group. Whatever is added and subtracted
is a union of such groups, so that nobody's cell comes out of it. Nothing is summed over weeks, which would tell of a
week that is left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

LEAST = 3
"""Writers behind every number."""
Level = Literal["week", "cell", "rest"]
Key = tuple[str, str, str]
"""Theme (or ``none``, ``unsure``, ``unclassified``), language, network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What of a post is counted."""

    week: str
    """ISO week in the programme's time zone."""
    key: Key
    writer: str
    """Tells writers of one network apart; never published. One and the same where the network names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One row of the table."""

    level: Level
    """``week``: all of the week; ``cell``; ``rest``: the week's cells that are not listed, together."""
    week: str
    theme: str | None = None
    language: str | None = None
    network: str | None = None
    posts: int
    writers: int


@dataclass(slots=True)
class _Group:
    """Posts that are counted together."""

    posts: int = 0
    writers: set[tuple[str, str]] = field(default_factory=set)

    def take(self, other: "_Group") -> None:
        self.posts += other.posts
        self.writers |= other.writers


def counted(posts: Iterable[Utterance]) -> Iterator[Count]:
    """Yield the rows that may be published, week by week; memory is bounded by writers, not by posts."""
    weeks: dict[str, dict[Key, _Group]] = defaultdict(lambda: defaultdict(_Group))
    for post in posts:
        cell = weeks[post.week][post.key]
        cell.posts += 1
        cell.writers.add((post.key[2], post.writer))
    for week in sorted(weeks):
        yield from _week(week, weeks[week])


def _week(week: str, cells: dict[Key, _Group]) -> Iterator[Count]:
    whole = _Group()
    for cell in cells.values():
        whole.take(cell)
    if len(whole.writers) < LEAST:
        return
    yield Count(level="week", week=week, posts=whole.posts, writers=len(whole.writers))
    small = {key for key, cell in cells.items() if len(cell.writers) < LEAST}
    rest = _Group()
    for key in small:
        rest.take(cells[key])
    if small and len(rest.writers) < LEAST:
        # Subtracting the listed cells from the week would tell of these few: the smallest other cell joins them.
        joined = min(cells.keys() - small, key=lambda key: (len(cells[key].writers), cells[key].posts, key))
        small.add(joined)
        rest.take(cells[joined])
    for key in sorted(cells.keys() - small):
        theme, language, network = key
        yield Count(
            level="cell",
            week=week,
            theme=theme,
            language=language,
            network=network,
            posts=cells[key].posts,
            writers=len(cells[key].writers),
        )
    if small:
        yield Count(level="rest", week=week, posts=rest.posts, writers=len(rest.writers))
