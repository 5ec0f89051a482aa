"""Open counts tell of no few people."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.export import Occasion, export
from corpus.export.counts import LEAST, Count, Key, Utterance, counted
from corpus.post import Author, Post
from corpus.posts import Applied
from corpus.store import Corpus

ZONE = ZoneInfo("Europe/Helsinki")
CELLS: list[Key] = list(product(("a", "none"), ("fi", "sv"), ("x", "mastodon")))
TABLES = st.lists(
    st.builds(
        Utterance,
        week=st.sampled_from(["2026-W46", "2026-W47"]),
        key=st.sampled_from(CELLS),
        writer=st.sampled_from("abcdefg"),
    ),
    max_size=60,
)


def spans(rows: list[list[int]], wanted: list[int]) -> bool:
    """Return whether sums and differences of the rows give the wanted one."""
    basis: list[list[Fraction]] = []
    for row in [*rows, wanted]:
        left = [Fraction(value) for value in row]
        for known in basis:
            lead = next(i for i, value in enumerate(known) if value)
            factor = left[lead] / known[lead]
            left = [value - factor * other for value, other in zip(left, known, strict=True)]
        if any(left):
            basis.append(left)
        elif row is wanted:
            return True
    return False


def listed(rows: list[Count], week: str) -> set[Key]:
    """Return the cells of a week that are published."""
    return {(r.theme or "", r.language or "", r.network or "") for r in rows if r.week == week and r.level == "cell"}


@given(TABLES)
@settings(deadline=None)
def test_no_hidden_cell_is_a_sum_or_difference_of_what_is_published(posts: list[Utterance]) -> None:
    """Every number has three writers behind it, and neither totals nor rests give a cell that is not listed."""
    rows = list(counted(posts))
    assert all(row.writers >= LEAST for row in rows)
    for week in {post.week for post in posts}:
        there = sorted({post.key for post in posts if post.week == week})
        shown = listed(rows, week)
        equations = [[int(cell == key) for cell in there] for key in shown]
        levels = {row.level for row in rows if row.week == week}
        if "week" in levels:
            equations.append([1] * len(there))
        if "rest" in levels:
            equations.append([int(cell not in shown) for cell in there])
        for cell in set(there) - shown:
            assert not spans(equations, [int(other == cell) for other in there])


@given(TABLES)
@settings(deadline=None)
def test_what_can_be_subtracted_has_three_writers_too(posts: list[Utterance]) -> None:
    """A week less any of its listed cells is nobody's, or three writers' and more."""
    rows = list(counted(posts))
    for week in {row.week for row in rows}:
        shown = listed(rows, week)
        writers = defaultdict(set)
        for post in posts:
            if post.week == week:
                writers[post.key].add((post.key[2], post.writer))
        hidden = set().union(*(found for key, found in writers.items() if key not in shown))
        assert not hidden or len(hidden) >= LEAST


@given(TABLES)
@settings(deadline=None)
def test_cells_and_rest_add_up_to_the_week(posts: list[Utterance]) -> None:
    """Nothing is lost and nothing counted twice within a week that is told."""
    rows = list(counted(posts))
    for row in rows:
        if row.level == "week":
            parts = [other.posts for other in rows if other.week == row.week and other.level != "week"]
            assert sum(parts) == row.posts == sum(post.week == row.week for post in posts)


@given(TABLES, st.randoms())
@settings(deadline=None)
def test_the_order_of_posts_does_not_matter(posts: list[Utterance], chance: object) -> None:
    """The same posts make the same table."""
    shuffled = list(posts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' random.Random
    assert list(counted(posts)) == list(counted(shuffled))


def test_the_smallest_other_cell_joins_a_few() -> None:
    """Two writers' cell would be the week less the others: the smallest of those goes with it."""
    big = [Utterance(week="2026-W47", key=("a", "fi", "x"), writer=name) for name in "abcde"]
    middle = [Utterance(week="2026-W47", key=("b", "fi", "x"), writer=name) for name in "abcd"]
    few = [Utterance(week="2026-W47", key=("c", "fi", "x"), writer=name) for name in "ab"]
    rows = list(counted([*big, *middle, *few]))
    assert [(row.level, row.theme, row.posts, row.writers) for row in rows] == [
        ("week", None, 11, 5),
        ("cell", "a", 5, 5),
        ("rest", None, 6, 4),
    ]


def test_only_whole_weeks_that_are_over_are_counted(
    corpus: Corpus, make_post: Callable[..., Post], store: Callable[..., Applied], tmp_path: Path, now: datetime
) -> None:
    """Neither the running week nor a part of one is told, and no id, name or text."""
    monday = datetime(2026, 11, 15, 22, tzinfo=UTC)  # of week 47, in Helsinki
    posts = [
        replace(
            make_post(number),
            created_at=monday + timedelta(days=number // 4),
            author=Author(native_id=f"a{number}", handle=f"koivu{number}", name="Koivu"),
        )
        for number in range(40)
    ]
    store(corpus, posts, now=now)

    def rows(**window: datetime) -> list[str]:
        occasion = Occasion(at=now, by="test")
        export(corpus, out=tmp_path / "o", format="csv", projection="open", zone=ZONE, occasion=occasion, **window)
        return (tmp_path / "o").read_text().splitlines()

    assert rows() == [
        "level,week,theme,language,network,posts,writers",
        "week,2026-W47,,,,28,28",
        "cell,2026-W47,unclassified,fi,mastodon,28,28",
    ]
    assert rows(since=monday, until=monday + timedelta(days=7))[1:] == rows()[1:]
    assert rows(since=monday + timedelta(hours=1)) == rows(until=monday + timedelta(days=6)) == rows()[:1]


@pytest.mark.parametrize("format", ["csv-fi", "xlsx", "jsonl", "parquet"])
def test_counts_come_in_every_format(
    corpus: Corpus,
    make_post: Callable[..., Post],
    store: Callable[..., Applied],
    tmp_path: Path,
    format: str,  # noqa: A002 - its name
) -> None:
    """The same table is had as a spreadsheet, JSON and Parquet, and holds no post to recall."""
    store(corpus, [replace(make_post(n), author=Author(native_id=f"b{n}", handle=None, name=None)) for n in range(9)])
    occasion = Occasion(at=datetime(2026, 12, 24, tzinfo=UTC), by="test")
    done = export(corpus, out=tmp_path / "o", format=format, projection="open", zone=ZONE, occasion=occasion)
    assert done.posts == 9
    (found,) = corpus.exports.available()
    assert (found.posts, found.still, found.export.networks) == (0, 0, {})
