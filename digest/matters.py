"""What an issue tells of topics: those on the rise, those that are followed, and what became of earlier ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from programme.types import Localised
from programme.week import Week


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCount:
    """Posts that mention a project, network, phenomenon or place."""

    slug: str
    name: Localised
    posts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What people began to write about, or ceased to."""

    key: str
    label: Mapping[str, str]
    """By language; taken from the posts' own words."""
    language: str
    """Of the label to show where the reader's language has none."""
    state: str
    """``new``, ``growing``, ``back``, ``fading`` or ``recurring``."""
    posts: int
    writers: int
    baseline: float
    """Writers in a usual week."""
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    languages: tuple[str, ...]
    """Most posts first."""
    weekly: tuple[int | None, ...]
    """Writers a week, this week last; None for a week that was not collected."""
    examples: tuple[str, ...]
    """Keys of telling posts."""
    municipalities: tuple[NamedCount, ...] | None = None
    """That its posts name, most first; None in an issue of an older version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A topic, or words, that a coordinator follows."""

    key: str
    label: Mapping[str, str]
    """By language; of words as they were given, under ``unsure``."""
    language: str
    """Of the label to show where the reader's language has none."""
    writers: int
    weekly: tuple[int | None, ...]
    """Writers a week, this week last; None for a week that was not collected."""
    low: int | None
    """Usual range of writers; None where the week cannot be compared."""
    high: int | None
    change: Literal["more", "fewer", "usual", "unknown"]
    """By the topics' test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of the topics that earlier issues raised."""

    raised: int
    lived: int
    """Of these, written of by more people than before in each of four collected weeks."""
    ended: int
    """Written of by no more people than before in one of them."""
    dismissed: int
    young: int
    """Too few weeks have passed to tell."""
    since: Week | None
    """The first that raised one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicNotes:
    """How far to trust what the topics say, and their silence."""

    note: str | None
    """Message key of the reason why nothing can be said; then an empty list means nothing."""
    history_weeks: int
    detectable: int | None
    """Writers whose topic would have been found in nine of ten cases."""
    chance_weeks: int | None
    """Weeks in which chance alone raises one topic."""

    @property
    def assessed(self) -> bool:
        """Whether silence means that nothing stood out."""
        return self.note is None
