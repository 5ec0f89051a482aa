"""An issue from what is known of a week, pure: the same input gives the same issue, in whatever order posts come."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from corpus.post import ClassifiedPost
from digest import choose, past
from digest.collected import Coverage
from digest.issue import ClassifierFacts, Issue, Kind, Level, ProgrammeFacts, Row, UsualRange
from digest.matters import Followed, NamedCount, Record, Topic, TopicNotes
from digest.mentioned import municipalities_of, places_of
from digest.reach import pace_of, reach
from digest.tally import (
    Tally,
    copy_count,
    discussions,
    found_by,
    languages,
    loudest,
    mentions,
    standing,
    tally,
    writers,
)
from programme.types import NONE, UNSURE, Localised, Phenomenon, Programme, Project, Theme
from programme.week import Week

if TYPE_CHECKING:
    from collector.coverage import CoverageReport
    from trends.report import FollowedWeek, Trend, TrendReport

WEEKS = 8
"""Weeks of a series, this one among them."""
QUIET = 3
"""A week of at most so many posts is quiet, where collection worked."""
_HISTORY = 3
"""Collected weeks before this one without which nothing is called usual."""
_NOWHERE = Localised({})


class Change(Protocol):
    """What the trends say of a theme's number against its history."""

    @property
    def low(self) -> int | None:
        """Fewest posts of a usual week."""
        ...

    @property
    def high(self) -> int | None:
        """Most posts of a usual week."""
        ...

    @property
    def is_news(self) -> bool:
        """Whether the change is more than chance."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that an issue is composed from."""

    week: Week
    programme: Programme
    posts: Iterable[ClassifiedPost]
    """Of the week and of the seven before it, judged by one version of the classifier, in any order."""
    covered: Callable[[Week], bool]
    """Whether a week was collected, or lies inside an imported archive."""
    change: Callable[[int, Sequence[int]], Change]
    """The trends' test of a weekly number against those before it."""
    trends: "TrendReport"
    coverage: "CoverageReport"
    networks: Mapping[str, str]
    """Network of each source that is switched on, by the source's name."""
    gap_limit: float
    previous: Issue | None
    """The issue of the week before as it was printed."""
    classifier: ClassifierFacts
    quotable: choose.Quotable
    composed_at: datetime
    homes: Mapping[str, str] = field(default_factory=dict)
    """Municipality of each listed organisation, by account."""
    corrects: Issue | None = None
    """What this one corrects, as it was printed."""
    explanation: Localised = field(default_factory=lambda: Localised({}))
    """What a person says of the correction."""
    demonstration: bool = False
    mastodon: str = "https://mastodon.social"


def compose(material: Material) -> Issue:
    """Return the issue of a week."""
    programme, week = material.programme, material.week
    slugs, last = programme.slugs, week.plus(-1)
    tallies = _by_week(material)
    this = tallies[week].posts
    known = [one for one in week.before(WEEKS - 1) if material.covered(one)]
    coverage = _coverage(material, tallies)
    usual = _usual([len(tallies[one].posts) for one in known])
    usual_writers = _usual([writers(tallies[one].posts) for one in known])
    printed = material.previous if material.previous and material.previous.week == last else None
    return Issue(
        week=week,
        kind=_kind(coverage, len(this)),
        programme=programme_facts(programme, material.mastodon),
        composed_at=material.composed_at,
        demonstration=material.demonstration,
        posts=len(this),
        writers=writers(this),
        discussions=len(discussions(this)),
        usual=usual,
        usual_writers=usual_writers,
        level=_level(len(this), usual, writers(this), usual_writers),
        themes=tuple(_theme_rows(material, tallies, coverage)),
        none=_plain_row(NONE, material, tallies),
        unclear=_plain_row(UNSURE, material, tallies),
        total=_plain_row("total", material, tallies),
        awaiting=sum(post.standing == "unclassified" and post.stored.post.text is not None for post in this),
        copies=copy_count(tallies[week], tallies[last] if last in known else None),
        projects=_named(programme.projects, mentions(post.prediction.projects for post in this if post.prediction)),
        phenomena=_named(programme.phenomena, mentions(post.prediction.phenomena for post in this if post.prediction)),
        languages=languages(this),
        found_by=found_by(this),
        topics=tuple(_topic(trend, this) for trend in material.trends.trends if trend.state != "recurring"),
        recurring=tuple(_topic(trend, this) for trend in material.trends.trends if trend.state == "recurring"),
        topic_notes=_notes(material.trends),
        sections=choose.sections(this, [theme.slug for theme in _current(programme, week)], material.quotable),
        doubts=choose.doubts(this, slugs),
        corrections=past.corrections(printed, tallies[last].posts, slugs) if printed else None,
        coverage=coverage,
        classifier=material.classifier,
        counted=past.counted(this, slugs),
        places=places_of(this, material.homes),
        correction=material.corrects.correction + 1 if material.corrects else 0,
        corrected=past.corrections(material.corrects, this, slugs) if material.corrects else None,
        explanation=material.explanation,
        followed=tuple(_followed(one) for one in material.trends.followed),
        record=_record(material.trends),
    )


def _coverage(material: Material, tallies: Mapping[Week, Tally]) -> Coverage:
    return reach(
        material.coverage,
        tallies[material.week].posts,
        pace_of(tallies.values()),
        networks=material.networks,
        gap_limit=material.gap_limit,
    )


def _by_week(material: Material) -> dict[Week, Tally]:
    zone = material.programme.zone
    posts: dict[Week, list[ClassifiedPost]] = defaultdict(list)
    for post in material.posts:
        posts[Week.of(post.stored.post.created_at, zone)].append(post)
    return {week: tally(posts[week]) for week in (*material.week.before(WEEKS - 1), material.week)}


def programme_facts(programme: Programme, mastodon: str = "https://mastodon.social") -> ProgrammeFacts:
    """Return what pages say of the programme."""
    return ProgrammeFacts(
        name=programme.name,
        page=programme.page or programme.name,
        hashtags=programme.hashtags,
        languages=programme.languages,
        time_zone=programme.time_zone,
        mastodon=mastodon,
    )


def _kind(coverage: Coverage, posts: int) -> Kind:
    if not coverage.is_comparable:
        return "failed"
    return "quiet" if posts <= QUIET else "normal"


def _usual(history: Sequence[int]) -> UsualRange | None:
    if len(history) < _HISTORY:
        return None
    return UsualRange(low=min(history), high=max(history), weeks=len(history))


def _level(posts: int, usual: UsualRange | None, people: int, usual_people: UsualRange | None) -> Level:
    """Return how the week compares: one loud account makes no busy week, so posts and writers must agree."""
    if usual is None or usual_people is None:
        return "unknown"
    if usual.low <= posts <= usual.high:
        return "usual"
    if posts > usual.high:
        return "more" if people > usual_people.high else "mixed"
    return "fewer" if people < usual_people.low else "mixed"


def _series(slug: str, material: Material, tallies: Mapping[Week, Tally]) -> tuple[int | None, ...]:
    past_weeks = material.week.before(WEEKS - 1)
    history = [len(_of_row(slug, week, material, tallies)) if material.covered(week) else None for week in past_weeks]
    return (*history, len(_of_row(slug, material.week, material, tallies)))


def _of_row(slug: str, week: Week, material: Material, tallies: Mapping[Week, Tally]) -> list[ClassifiedPost]:
    slugs = material.programme.slugs
    return [post for post in tallies[week].posts if slug in ("total", standing(post, slugs))]


def _loudest(slug: str, material: Material, tallies: Mapping[Week, Tally]) -> int:
    return loudest(_of_row(slug, material.week, material, tallies))


def _plain_row(slug: str, material: Material, tallies: Mapping[Week, Tally]) -> Row:
    return Row(
        slug=slug,
        name=_NOWHERE,
        short_name=_NOWHERE,
        gloss=_NOWHERE,
        series=_series(slug, material, tallies),
        loudest=_loudest(slug, material, tallies),
    )


def _current(programme: Programme, week: Week) -> list[Theme]:
    return [theme for theme in programme.themes if theme.is_valid_on(week.monday) or theme.is_valid_on(week.sunday)]


def _theme_rows(material: Material, tallies: Mapping[Week, Tally], coverage: Coverage) -> Iterable[Row]:
    current = _current(material.programme, material.week)
    for theme in material.programme.themes:
        series = _series(theme.slug, material, tallies)
        # A theme that has ended keeps its line while posts still count on it: the lines must add up.
        if theme not in current and not series[-1]:
            continue
        history = [count for count in series[:-1] if count is not None]
        test = coverage.is_comparable and len(history) >= _HISTORY
        change = material.change(series[-1] or 0, history) if test else None
        yield Row(
            slug=theme.slug,
            name=theme.name,
            short_name=theme.short_name or theme.name,
            gloss=theme.gloss,
            series=series,
            is_news=change.is_news if change else False,
            low=change.low if change else None,
            high=change.high if change else None,
            loudest=_loudest(theme.slug, material, tallies),
        )


def _named(listed: Sequence[Project | Phenomenon], counts: Counter[str]) -> tuple[NamedCount, ...]:
    rows = [NamedCount(slug=one.slug, name=one.name, posts=counts[one.slug]) for one in listed]
    return tuple(sorted(rows, key=lambda row: -row.posts))


def _topic(trend: "Trend", posts: Sequence[ClassifiedPost]) -> Topic:
    # An exact form in the report's main language is always there, whatever the labels say.
    language = next(iter(trend.languages), UNSURE)
    return Topic(
        key=trend.key,
        label={language: trend.topic, **trend.label},
        language=language,
        state=trend.state,
        posts=trend.posts,
        writers=trend.writers,
        baseline=trend.baseline,
        ratio=trend.ratio,
        ratio_low=trend.ratio_low,
        ratio_high=trend.ratio_high,
        languages=tuple(trend.languages),
        weekly=tuple(trend.weekly[-WEEKS:]),
        examples=tuple(f"{network}:{native_id}" for network, native_id in trend.example_ids),
        municipalities=municipalities_of(
            post for post in posts if (post.stored.post.network, post.stored.post.native_id) in trend.post_ids
        ),
    )


def _followed(week: "FollowedWeek") -> Followed:
    return Followed(
        key=week.key,
        label=dict(week.label),
        language=next(iter(week.label), UNSURE),
        writers=week.writers,
        weekly=week.weekly[-WEEKS:],
        low=week.low,
        high=week.high,
        change=week.change,
    )


def _record(report: "TrendReport") -> Record:
    fates = Counter(fate.verdict for fate in report.record)
    return Record(
        raised=len(report.record),
        lived=fates["lived"],
        ended=fates["ended"],
        dismissed=fates["dismissed"],
        young=fates["young"],
        since=min((fate.week for fate in report.record), default=None),
    )


def _notes(report: "TrendReport") -> TopicNotes:
    chance = report.quiet.chance_notes_per_quiet_week
    return TopicNotes(
        note=report.note,
        history_weeks=report.history_weeks,
        detectable=report.quiet.detectable_in_nine_of_ten,
        chance_weeks=max(1, round(1 / chance)) if chance else None,
    )
