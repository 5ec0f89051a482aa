"""Differences between what was printed and what is counted now: each has its causes, or is told as a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.recompute import CAUSES, Cause, Numbers, compare, rests_on_history

NOTHING: frozenset[Cause] = frozenset()
VALUES = st.dictionaries(st.sampled_from(["posts", "writers", "topics.a.posts"]), st.integers(0, 3) | st.none())


def test_number_owes_its_difference_to_the_causes_at_which_it_changes() -> None:
    """Two causes that change a number are both told, those that do not are not."""
    stages: list[Numbers] = [{"posts": number} for number in (5, 4, 6, 6, 6)]
    found = compare({"posts": 5}, stages, lambda _: NOTHING)
    assert [(one.number, one.printed, one.now, one.causes) for one in found.differing] == [
        ("posts", 5, 6, ("deletions", "late"))
    ]


def test_changes_that_cancel_each_other_are_no_difference() -> None:
    """What is printed is right as long as the number is the same today."""
    stages: list[Numbers] = [{"posts": number} for number in (5, 4, 5, 5, 5)]
    assert compare({"posts": 5}, stages, lambda _: NOTHING).differing == ()


def test_number_that_never_was_so_is_a_fault() -> None:
    """A printed number that the corpus of then does not give has no cause, even if other causes changed it since."""
    stages: list[Numbers] = [{"posts": number} for number in (5, 4, 4, 4, 4)]
    found = compare({"posts": 7}, stages, lambda _: NOTHING)
    assert [one.causes for one in found.unexplained] == [()]


def test_number_that_rests_on_lost_words_owes_it_to_their_loss() -> None:
    """Whose author is gone cannot be counted as a writer any more: that is the deletion's doing."""
    stages: list[Numbers] = [{"writers": number} for number in (4, 3, 3, 3, 3)]
    found = compare({"writers": 5}, stages, lambda _: frozenset({"deletions"}))
    assert [one.causes for one in found.differing] == [("deletions",)]


@given(VALUES, st.lists(VALUES, min_size=5, max_size=5))
def test_every_difference_is_told_and_nothing_else(printed: Numbers, stages: list[Numbers]) -> None:
    """Exactly the numbers that differ today are told, and without a loss those that never were so are faults."""
    found = compare(printed, stages, lambda _: NOTHING)
    paths = printed.keys() | stages[-1].keys()
    assert [one.number for one in found.differing] == sorted(p for p in paths if printed.get(p) != stages[-1].get(p))
    for one in found.differing:
        assert (one.causes == ()) == (stages[0].get(one.number) != one.printed)
        assert list(one.causes) == [cause for cause in CAUSES if cause in one.causes]


@pytest.mark.parametrize(("path", "is_long"), [("topics.a.posts", True), ("posts", False), ("copies.extra", False)])
def test_topics_rest_on_a_year(path: str, *, is_long: bool) -> None:
    """A deletion of last spring may change a topic's history, not this week's table."""
    assert rests_on_history(path) == is_long
