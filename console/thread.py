"""A discussion as a tree that pages can show: its depth has an end, as the width of a telephone has."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

DEEPEST = 5
"""Answers to answers that are set in; what lies deeper stands side by side there."""

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Branch(Generic[T]):
    """A post and what was said to it."""

    item: T
    below: list["Branch[T]"] = field(default_factory=list)


def grown(items: Iterable[tuple[int, T]]) -> list[Branch[T]]:
    """Return items, given in the order of reading with their depth, as a tree of the same order."""
    tops: list[Branch[T]] = []
    trail: list[Branch[T]] = []
    for depth, item in items:
        branch = Branch(item=item)
        # A page may begin in the middle of a discussion: what is set in under nothing stands at the margin.
        level = min(depth, DEEPEST, len(trail))
        (trail[level - 1].below if level else tops).append(branch)
        trail[level:] = [branch]
    return tops
