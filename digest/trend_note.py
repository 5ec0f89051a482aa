"""The trend note: how themes and topics developed over a month, or any span of weeks. Numbers, pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from corpus.post import ClassifiedPost
from digest.compose import Change
from digest.issue import ProgrammeFacts, StoredIssueError
from digest.matters import Topic
from digest.tally import standing, tally, writers
from programme.note_name import NoteName
from programme.types import NONE, UNSURE, Localised, Programme
from programme.week import Week

LONGEST = 53
"""Weeks of a note."""
BEFORE = 8
"""Weeks before each week with which it is compared."""
LEAST = 3
"""Weeks without which nothing is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The development of one line of the table."""

    slug: str
    """A theme's, ``none``, ``unsure`` or ``total``."""
    name: Localised
    series: tuple[int | None, ...]
    """Posts a week, oldest first; None for a week that was not collected."""
    before: int | None
    """Posts of as many weeks before; None unless every week of both spans was collected."""
    more: tuple[Week, ...]
    """Weeks whose number was higher than chance explains, by the test of the weekly digest."""
    fewer: tuple[Week, ...]

    @property
    def posts(self) -> int:
        """Posts of the span."""
        return sum(n or 0 for n in self.series)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTopic:
    """A topic that digests of the span told of."""

    topic: Topic
    """As its strongest week had it."""
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendNote:
    """One note."""

    first: Week
    last: Week
    programme: ProgrammeFacts
    turns: tuple[Turn, ...]
    """Themes in the programme's order, those of none and those unclear; one theme where it was asked for."""
    total: Turn
    writers: int
    topics: tuple[ToldTopic, ...]
    """Most writers first."""
    missing: tuple[Week, ...]
    """Weeks that were not collected."""
    model: str | None
    made_at: datetime
    theme: str | None = None
    """Slug of the one theme that it is about."""
    demonstration: bool = False
    """The posts are a demonstration's, and the note says so."""

    @property
    def key(self) -> str:
        """Its name."""
        return str(NoteName(first=self.first, last=self.last, theme=self.theme))

    def as_json(self) -> dict[str, Any]:
        """Return every number and what it rests on, as plain JSON values; ``from_json`` reads them back."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document

    @classmethod
    def from_json(cls, document: object) -> "TrendNote":
        """Return a stored note.

        Raises:
            StoredIssueError: the document is no note, or one of another form.
        """
        try:
            return msgspec.convert(document, cls)
        except msgspec.ValidationError as error:
            raise StoredIssueError(
                f"A stored trend note cannot be read: {error}.",
                "It was written by another version of Kuntakaiku: draft it again.",
            ) from error


def weeks_of_month(year: int, month: int) -> tuple[Week, Week]:
    """Return the first and the last week of a month: a week belongs to the month of its Thursday, as ISO years do."""
    first = _containing(date(year, month, 1))
    if first.plus(0).monday.toordinal() + 3 < date(year, month, 1).toordinal():
        first = first.plus(1)
    end = date(year + month // 12, month % 12 + 1, 1)
    last = first
    while last.plus(1).monday.toordinal() + 3 < end.toordinal():
        last = last.plus(1)
    return first, last


def _containing(day: date) -> Week:
    year, number, _ = day.isocalendar()
    return Week(year=year, number=number)


def trend_note(
    first: Week,
    last: Week,
    *,
    posts: Iterable[ClassifiedPost],
    programme: Programme,
    facts: ProgrammeFacts,
    covered: Callable[[Week], bool],
    change: Callable[[int, Sequence[int]], Change],
    topics: Mapping[Week, Sequence[Topic]],
    model: str | None,
    made_at: datetime,
    theme: str | None = None,
    demonstration: bool = False,
) -> TrendNote:
    """Return the note of a span of weeks.

    Args:
        first: week of the span.
        last: week of the span.
        posts: of the span and of the weeks before it, as far back as anything is compared; in any order.
        programme: whose themes they are.
        facts: what the page says of it.
        covered: whether a week was collected well enough.
        change: the weekly digest's test of a number against those before it.
        topics: what digests told of, by week.
        model: version of the classifier by which all were counted.
        made_at: when.
        theme: its slug, where the note is of one theme.
        demonstration: whether the posts are a demonstration's.
    """
    span = _span(first, last)
    counts, people = _counted(posts, programme, set(span))
    wanted = [theme] if theme else [*programme.slugs, NONE, UNSURE]
    names = {one.slug: one.name for one in programme.themes}

    def turn(slug: str) -> Turn:
        numbers = {week: counts.get((week, slug), 0) for week in _span(first.plus(-max(len(span), BEFORE)), last)}
        return _turn(slug, names.get(slug, Localised({})), span, numbers, covered, change)

    return TrendNote(
        first=first,
        last=last,
        programme=facts,
        turns=tuple(turn(slug) for slug in wanted),
        total=turn(theme or "total"),
        writers=writers(post for post in people if theme in (None, post.standing)),
        topics=_told(topics, span),
        missing=tuple(week for week in span if not covered(week)),
        model=model,
        made_at=made_at,
        theme=theme,
        demonstration=demonstration,
    )


def _span(first: Week, last: Week) -> list[Week]:
    weeks = [first]
    while weeks[-1].monday < last.monday:
        weeks.append(weeks[-1].plus(1))
    return weeks


def _counted(
    posts: Iterable[ClassifiedPost], programme: Programme, span: set[Week]
) -> tuple[dict[tuple[Week, str], int], list[ClassifiedPost]]:
    """Return posts by week and standing, ``total`` among them, and those of the span; each text once a week."""
    by_week: dict[Week, list[ClassifiedPost]] = {}
    for post in posts:
        by_week.setdefault(Week.of(post.stored.post.created_at, programme.zone), []).append(post)
    counts: dict[tuple[Week, str], int] = {}
    people: list[ClassifiedPost] = []
    for week, some in by_week.items():
        counted = tally(some).posts
        people += counted if week in span else []
        for post in counted:
            for slug in (standing(post, programme.slugs), "total"):
                counts[week, slug] = counts.get((week, slug), 0) + 1
    return counts, people


def _turn(
    slug: str,
    name: Localised,
    span: Sequence[Week],
    numbers: Mapping[Week, int],
    covered: Callable[[Week], bool],
    change: Callable[[int, Sequence[int]], Change],
) -> Turn:
    earlier = [span[0].plus(-n) for n in range(len(span), 0, -1)]
    more: list[Week] = []
    fewer: list[Week] = []
    for week in span:
        history = [numbers[one] for n in range(BEFORE, 0, -1) if (one := week.plus(-n)) in numbers and covered(one)]
        if covered(week) and len(history) >= LEAST and change(numbers[week], history).is_news:
            (more if numbers[week] * len(history) > sum(history) else fewer).append(week)
    whole = all(covered(week) for week in (*earlier, *span))
    return Turn(
        slug=slug,
        name=name,
        series=tuple(numbers[week] if covered(week) else None for week in span),
        before=sum(numbers[week] for week in earlier) if whole else None,
        more=tuple(more),
        fewer=tuple(fewer),
    )


def _told(topics: Mapping[Week, Sequence[Topic]], span: Sequence[Week]) -> tuple[ToldTopic, ...]:
    """Return the topics on the rise of the span, each once, as its strongest week had it."""
    told: dict[str, list[tuple[Week, Topic]]] = {}
    for week in span:
        for topic in topics.get(week, ()):
            if topic.state != "fading":
                told.setdefault(topic.key, []).append((week, topic))
    found = [
        ToldTopic(
            topic=max((topic for _, topic in times), key=lambda one: one.writers), weeks=tuple(w for w, _ in times)
        )
        for times in told.values()
    ]
    return tuple(sorted(found, key=lambda one: (-one.topic.writers, one.topic.key)))
