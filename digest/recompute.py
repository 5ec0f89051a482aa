"""Whether every number that an issue printed can still be computed, and why those differ that do, pure.

The issue is composed again from the corpus as it was when it was printed, and then as it became by each cause in turn:
deletions, late posts, labels, another version of the classifier. A number owes its difference to the causes at which it
changes. What is deleted or edited is gone for good, so that a number that rests on it cannot be composed as it was;
such a number owes its difference to that. A difference without a cause is a fault, and told as one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from digest.issue import Issue

Cause = Literal["deletions", "late", "labels", "model"]
CAUSES: tuple[Cause, ...] = ("deletions", "late", "labels", "model")
"""In the order in which they are applied."""
Number = int | float | None
Numbers = Mapping[str, Number]
"""By a path like ``themes.roles.series.2026-W46``; None for a number that an issue prints as unknown."""
_NAMES = ("slug", "key", "name", "post", "week")
"""What tells the lines of a list apart, the first that a line has."""
_ASIDE = frozenset({"week", "counted", "programme", "composed_at"})
"""Parts of an issue that are no numbers of its own: what they rest on, and words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A number that is another one today."""

    number: str
    """Its path."""
    printed: Number
    """None: not printed, or as unknown."""
    now: Number
    causes: tuple[Cause, ...]
    """Empty: nothing explains it."""

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {"number": self.number, "printed": self.printed, "now": self.now, "causes": list(self.causes)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """An issue's numbers beside what they are today."""

    checked: int
    """Numbers that were printed."""
    differing: tuple[Difference, ...]

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """Differences without a cause."""
        return tuple(one for one in self.differing if not one.causes)


def numbers(issue: Issue) -> Numbers:
    """Return every number that an issue prints, by its path."""
    return {
        path: value
        for key, part in issue.as_json().items()
        if key not in _ASIDE
        for path, value in _flat(key, part, _weeks(issue))
    }


def rests_on_history(path: str) -> bool:
    """Tell whether a number rests on a year of posts, as the topics do, not on eight weeks."""
    return path.startswith(("topics.", "recurring.", "topic_notes.", "followed.", "record."))


def compare(printed: Numbers, stages: Sequence[Numbers], lost: Callable[[str], frozenset[Cause]]) -> Recomputed:
    """Return how today's numbers differ from the printed ones, and why.

    Args:
        printed: the issue's numbers.
        stages: the numbers composed as of then, and after each of ``CAUSES`` in turn; the last are today's.
        lost: causes that took away what would be needed to compose a number as of then.
    """
    then, now = stages[0], stages[-1]
    differing = []
    for path in sorted(printed.keys() | now.keys()):
        if printed.get(path) == now.get(path):
            continue
        causes = {
            cause
            for cause, (before, after) in zip(CAUSES, pairwise(stages), strict=True)
            if before.get(path) != after.get(path)
        }
        if then.get(path) != printed.get(path):
            # What it was cannot be composed any more: without a loss that is a fault, whatever else changed it since.
            gone = lost(path)
            causes = causes | gone if gone else set()
        differing.append(
            Difference(
                number=path,
                printed=printed.get(path),
                now=now.get(path),
                causes=tuple(cause for cause in CAUSES if cause in causes),
            )
        )
    return Recomputed(checked=len(printed), differing=tuple(differing))


def _weeks(issue: Issue) -> Mapping[int, Sequence[str]]:
    """Return the names of a series' weeks, by its length."""
    longest = len(issue.total.series)
    return {length: [str(week) for week in (*issue.week.before(length - 1), issue.week)] for length in (longest,)}


def _flat(path: str, value: object, weeks: Mapping[int, Sequence[str]]) -> Iterator[tuple[str, Number]]:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield path, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(f"{path}.{key}", part, weeks)
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _flat(f"{path}.{_name(part, place, len(value), weeks)}", part, weeks)


def _name(part: object, place: int, length: int, weeks: Mapping[int, Sequence[str]]) -> str:
    if isinstance(part, Mapping):
        return next((str(part[name]) for name in _NAMES if name in part), str(place))
    return weeks[length][place] if length in weeks else str(place)
