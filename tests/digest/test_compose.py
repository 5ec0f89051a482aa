"""An issue composed from a week's posts: every line adds up, and nothing is said that the numbers do not hold."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.coverage import CoverageReport, Gap, SourceCoverage
from collector.misses import Missed
from collector.recall import Remedy
from corpus.ledger import HourState
from corpus.post import Author, ClassifiedPost, Label, Post, Prediction, Reason, StoredPost
from digest.compose import Material, compose
from digest.issue import ClassifierFacts, Issue
from programme.types import Localised, Phenomenon, Programme, Project, Theme
from programme.week import Week, zone_named
from trends.report import Quiet, Trend, TrendReport

WEEK = Week(year=2026, number=47)
ZONE = zone_named("Europe/Helsinki")
START = WEEK.start_at(ZONE)
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
NOWHERE = Localised({})
THEMES = ("a", "b")


def theme(slug: str, **changes: Any) -> Theme:  # noqa: ANN401 - any field of the carrier
    """Return a theme."""
    fields: dict[str, Any] = {
        "slug": slug,
        "name": Localised({"fi": slug}),
        "short_name": NOWHERE,
        "tag": NOWHERE,
        "gloss": NOWHERE,
        "description": NOWHERE,
        "seed_words": {},
    }
    return Theme(**(fields | changes))


def programme(**changes: Any) -> Programme:  # noqa: ANN401 - any field of the carrier
    """Return a programme of two themes."""
    fields: dict[str, Any] = {
        "slug": "p",
        "name": Localised({"fi": "Ohjelma"}),
        "languages": ("fi",),
        "time_zone": "Europe/Helsinki",
        "hashtags": ("tag",),
        "themes": tuple(theme(slug) for slug in THEMES),
    }
    return Programme(**(fields | changes))


def said(native_id: str, standing: str = "a", **changes: Any) -> ClassifiedPost:  # noqa: ANN401 - any field of the carrier
    """Return a judged post of the week."""
    at = START + changes.pop("after", timedelta(hours=12))
    kind = {"none": "off_topic", "unsure": "unsure"}.get(standing)
    labels = tuple(Label(theme=one, by="x", at=NOW) for one in changes.pop("labels", ()))
    projects = changes.pop("projects", ())
    cluster, source = changes.pop("cluster", None), changes.pop("source", "mastodon")
    fields: dict[str, Any] = {
        "network": "mastodon",
        "native_id": native_id,
        "author": Author(native_id=changes.pop("author", native_id), handle="h", name="n"),
        "text": f"Sanoja kunnan asiasta numero {native_id} tulee tähän",
        "created_at": at,
        "via": "hashtag",
    }
    prediction = Prediction(
        model="m",
        lang="fi",
        theme=None if kind else standing,
        themes=(),
        confidence=0.7,
        scores={"a": 0.4, "b": 0.35, "none": 0.25},
        reasons=(Reason(kind=kind, text=""),) if kind else (),
        projects=projects,
    )
    return ClassifiedPost(
        stored=StoredPost(
            post=Post(**(fields | changes)),
            post_id=1,
            source=source,
            first_seen_at=at,
            last_seen_at=at,
            lang="fi",
            cluster=cluster,
        ),
        prediction=None if standing == "unclassified" else prediction,
        labels=labels,
    )


@dataclass(frozen=True)
class Fixed:
    """What a theme's test says, whatever it is asked."""

    low: int | None = 0
    high: int | None = 2
    is_news: bool = True


def covered_source(name: str = "mastodon", *gaps: Gap) -> SourceCoverage:
    """Return a source with the given gaps."""
    missing = sum(int((gap.to_at - gap.from_at) / timedelta(hours=1)) for gap in gaps)
    return SourceCoverage(
        source=name,
        hours_covered=168 - missing,
        hours_missing=missing,
        gaps=gaps,
        quota_hits=1 if gaps else 0,
        posts=0,
        state="ok",
        missed=Missed(posts=round(missing / 4), by="pace") if missing else None,
    )


def gap(start: int, hours: int, state: HourState = "failed", problem: str | None = "the server answered 503") -> Gap:
    """Return a gap that begins so many hours into the week."""
    at = START + timedelta(hours=start)
    end = at + timedelta(hours=hours)
    remedy = Remedy(from_at=at, to_at=end, way="next_round")
    return Gap(from_at=at, to_at=end, state=state, problem=problem, remedy=remedy, posts=round(hours / 4))


def report(*sources: SourceCoverage) -> CoverageReport:
    """Return the collector's report on the week."""
    return CoverageReport(start_at=START, end_at=WEEK.end_at(ZONE), sources=sources or (covered_source(),))


def composed(posts: Sequence[ClassifiedPost], **changes: Any) -> Issue:  # noqa: ANN401 - any field of the carrier
    """Return the issue of the posts."""
    fields: dict[str, Any] = {
        "week": WEEK,
        "programme": programme(),
        "posts": posts,
        "covered": lambda _: True,
        "change": lambda _this, _history: Fixed(is_news=False),
        "trends": TrendReport(week=WEEK),
        "coverage": report(),
        "networks": {"mastodon": "mastodon"},
        "gap_limit": 0.1,
        "previous": None,
        "classifier": ClassifierFacts(version="m", trained_at=NOW, trained_on=0),
        "quotable": lambda _: False,
        "composed_at": NOW,
    }
    return compose(Material(**(fields | changes)))


def many(n: int, standing: str = "a", **changes: Any) -> list[ClassifiedPost]:  # noqa: ANN401 - any field of the carrier
    """Return as many posts."""
    return [said(f"{standing}{place}{changes.get('after', '')}", standing, **changes) for place in range(n)]


POSTS = st.lists(
    st.builds(
        said,
        st.integers(0, 30).map(str),
        st.sampled_from(["a", "b", "none", "unsure", "unclassified", "gone-theme"]),
        after=st.integers(-30, 6).map(lambda days: timedelta(days=days, hours=12)),
        cluster=st.sampled_from([None, "1", "2"]),
        author=st.sampled_from(["p", "q", "r"]),
        labels=st.sampled_from([(), ("a",), (None,), ("unsure",)]),
    ),
    max_size=16,
    unique_by=lambda post: post.stored.post.native_id,
)


@settings(max_examples=30, deadline=None)
@given(posts=POSTS, seed=st.integers(0, 9))
def test_every_line_adds_up_in_any_order(posts: list[ClassifiedPost], seed: int) -> None:
    """Themes, none and unclear make the total in every week; the order of posts changes nothing; JSON loses nothing."""
    mixed = posts[:]
    random.Random(seed).shuffle(mixed)
    issue = composed(posts)
    assert issue == composed(mixed)
    for place, total in enumerate(issue.total.series):
        assert sum(row.series[place] or 0 for row in issue.rows) == total
    assert issue.total.now == issue.posts == len(issue.counted)
    assert sum(issue.languages.values()) == sum(issue.found_by.values()) == issue.posts
    assert Issue.from_json(issue.as_json()) == issue


@settings(max_examples=30, deadline=None)
@given(then=POSTS, now=POSTS)
def test_every_difference_has_a_cause(then: list[ClassifiedPost], now: list[ClassifiedPost]) -> None:
    """What was printed plus what each cause moved is what is counted now, line by line."""
    following = composed([*now], week=WEEK.plus(1), previous=composed(then))
    assert following.corrections is not None
    for row in following.corrections.rows:
        assert row.printed + row.by_labels + row.by_model + row.by_late + row.by_deletions == row.now
    again = composed([*then], week=WEEK.plus(1), previous=composed(then))
    assert again.corrections is not None
    assert again.corrections.differences == 0


def test_each_cause_is_told_apart() -> None:
    """A label, another model, a late post and a deletion are counted each as what they are."""
    printed = composed([said("1", "a"), said("2", "a"), said("3", "a"), said("4", "b")])
    now = [said("1", "a", labels=("b",)), said("2", "b"), said("4", "b"), said("5", "none")]
    found = composed(now, week=WEEK.plus(1), previous=printed).corrections
    assert found is not None
    assert (found.labels, found.model, found.late, found.deletions) == (1, 1, 1, 1)
    assert [row.slug for row in found.rows] == ["a", "b", "none"]


def test_a_week_begins_on_monday_in_helsinki() -> None:
    """Sunday 23:59 and Monday 0:00 local time fall in two weeks, whatever the hour in UTC."""
    posts = [said("1", after=timedelta(seconds=-1)), said("2", after=timedelta(0)), said("3", after=timedelta(days=7))]
    assert composed(posts).total.series[-2:] == (1, 1)


def test_weeks_without_collection_are_not_zero() -> None:
    """An uncovered week is unknown in every series, in the usual range and as the week before."""
    issue = composed(many(4), covered=lambda week: week >= WEEK)
    assert issue.total.series == (None,) * 7 + (4,)
    assert issue.total.before is None
    assert issue.total.rise == 0
    assert (issue.usual, issue.level, issue.copies.extra_before) == (None, "unknown", None)


@pytest.mark.parametrize(("posts", "level"), [(5, "usual"), (9, "more"), (4, "fewer")])
def test_the_usual_range_is_that_of_the_weeks_before(posts: int, level: str) -> None:
    """The week is set beside the lowest and highest of the seven weeks before it."""
    history = [p for week in range(1, 8) for p in many(5 if week % 2 else 7, after=timedelta(days=-7 * week))]
    issue = composed([*history, *many(posts)])
    assert issue.usual is not None
    assert (issue.usual.low, issue.usual.high, issue.usual.weeks) == (5, 7, 7)
    assert issue.level == level


def test_a_theme_is_news_only_by_the_test() -> None:
    """The trends decide; without history or with a broken collection nobody is asked."""
    assert composed(many(4), change=lambda _this, _history: Fixed()).themes[0].is_news
    assert not composed(many(4), change=lambda _this, _history: Fixed(), covered=lambda _: False).themes[0].is_news
    broken = report(covered_source("mastodon", gap(0, 168)))
    assert not composed(many(4), change=lambda _this, _history: Fixed(), coverage=broken).themes[0].is_news


def test_a_week_with_hardly_any_posts_is_quiet_only_if_collection_worked() -> None:
    """Three posts make a quiet week; the same after a day without a source that matters are incomplete numbers."""
    assert composed(many(3)).kind == "quiet"
    assert composed(many(4)).kind == "normal"
    down = composed(many(3), coverage=report(covered_source("mastodon", gap(100, 24))))
    assert (down.kind, down.coverage.state) == ("failed", "failed")


def test_a_short_gap_is_told_and_does_not_stop_comparison() -> None:
    """A few hours are a gap with its answer's number; what is missing is what the collector's report says."""
    history = [p for week in range(1, 8) for p in many(40, after=timedelta(days=-7 * week))]
    issue = composed([*history, *many(40)], coverage=report(covered_source("mastodon", gap(10, 8))))
    assert (issue.kind, issue.coverage.state, issue.coverage.missing) == ("normal", "gaps", 2)
    line = issue.coverage.sources[0]
    assert (line.hours, line.hours_covered, line.quota_hits) == (168, 160, 1)
    assert (line.outages[0].code, line.outages[0].open) == ("503", False)
    assert (line.missing_by, [piece.way for piece in line.pieces]) == ("pace", ["next_round"])


def test_a_gap_in_pieces_is_one_outage() -> None:
    """What the network gives by itself and what only its archive has are two remedies of one outage."""
    pieces = [gap(10, 20), replace(gap(30, 10), state="failed", problem=None)]
    line = composed(many(40), coverage=report(covered_source("mastodon", *pieces))).coverage.sources[0]
    assert [(one.to_at - one.from_at, one.code) for one in line.outages] == [(timedelta(hours=30), "503")]
    assert len(line.pieces) == 2


def test_posts_missed_in_collected_hours_are_no_complete_week() -> None:
    """Where the network counts posts that collected hours did not bring, the week is not called complete."""
    told = replace(covered_source(), missed=Missed(posts=2, by="count"))
    issue = composed(many(40), coverage=report(told))
    assert (issue.coverage.state, issue.coverage.missing) == ("gaps", 2)


def test_too_many_estimated_misses_stop_comparison() -> None:
    """Twenty hours under a limit of a tenth are too many, though no day was lost."""
    history = [p for week in range(1, 8) for p in many(40, after=timedelta(days=-7 * week))]
    issue = composed([*history, *many(30)], coverage=report(covered_source("mastodon", gap(10, 20, problem=None))))
    assert issue.kind == "failed"
    assert issue.coverage.sources[0].outages[0].code is None


def test_a_source_that_hardly_matters_may_be_down() -> None:
    """A day without a source that brings under a fifth of the posts is a gap."""
    small = report(covered_source(), replace(covered_source("x", gap(0, 168)), missed=Missed(posts=0, by="pace")))
    issue = composed(many(40), coverage=small, networks={"mastodon": "mastodon", "x": "x"})
    assert (issue.kind, issue.coverage.state) == ("normal", "gaps")
    assert issue.coverage.sources[1].outages[0].open


def test_imported_posts_are_said_to_be_imported() -> None:
    """Without a source nobody can tell silence from a gap; sources newer than the archive have missed nothing."""
    archive = many(5, source="import")
    assert composed(archive, networks={}).coverage.state == "imported"
    newer = composed(archive, coverage=report(covered_source("mastodon", gap(0, 168, state="off"))))
    assert newer.coverage.state == "imported"
    assert [line.network for line in newer.coverage.sources] == ["import"]
    own = composed(many(5), coverage=report(covered_source("mastodon", gap(0, 168, state="off"))))
    assert (own.coverage.state, [line.network for line in own.coverage.sources]) == ("imported", ["import"])


def test_many_archives_are_told_as_one() -> None:
    """An archive may name any number of sources; beyond a handful they share one line with all their posts."""
    named = [said(f"n{n}", author=f"w{n}", source=f"archive {n}") for n in range(9)]
    few = composed(named[:8], networks={}).coverage.sources
    assert len(few) == 8
    (one,) = composed(named, networks={}).coverage.sources
    assert (one.name, one.posts) == ("import", 9)


def test_one_account_makes_no_busy_week() -> None:
    """More posts by the usual writers are told as both numbers; more of both as a busy week; each line its loudest."""
    history = [p for week in range(1, 8) for p in many(6, after=timedelta(days=-7 * week))]
    flood = [said(f"f{n}", "none", author="loud") for n in range(9)]
    issue = composed([*history, *many(5), *flood])
    assert issue.usual_writers is not None
    assert (issue.usual_writers.low, issue.usual_writers.high, issue.writers) == (6, 6, 6)
    assert issue.level == "mixed"
    assert (issue.total.loudest, issue.none.loudest, issue.themes[0].loudest) == (9, 9, 1)
    assert composed([*history, *many(7), *flood]).level == "more"
    assert composed([*history, *[said(f"p{n}", author=f"w{n}") for n in range(4)]]).level == "fewer"
    two = [
        said(f"{week} {n}", author=str(n % 2), after=timedelta(days=-7 * week))
        for week in range(1, 8)
        for n in range(6)
    ]
    assert composed([*two, *many(4)]).level == "mixed"


def test_without_source_and_posts_nothing_is_claimed() -> None:
    """No source and no post is no quiet week."""
    issue = composed([], networks={})
    assert (issue.kind, issue.coverage.state) == ("failed", "none")


def test_a_source_that_the_report_does_not_know_collected_nothing() -> None:
    """A source that is switched on and unknown to the report counts as down."""
    issue = composed(many(5), networks={"mastodon": "mastodon", "x": "x"})
    assert [line.hours_covered for line in issue.coverage.sources] == [168, 0]


def test_themes_of_the_time_have_a_line() -> None:
    """A theme that has ended stays while posts still count on it, and goes when none does."""
    ended = theme("b", valid_to=WEEK.monday - timedelta(days=1))
    changed = programme(themes=(theme("a"), ended))
    assert [row.slug for row in composed(many(4), programme=changed).themes] == ["a"]
    assert [row.slug for row in composed(many(4, "b"), programme=changed).themes] == ["a", "b"]
    assert [section.slug for section in composed(many(4, "b"), programme=changed).sections] == ["a"]


def test_projects_and_phenomena_have_their_counts() -> None:
    """Every configured project has a number, most first, and zero where nobody mentions it."""
    projects = tuple(
        Project(slug=slug, kind="project", themes=(), name=Localised({"fi": slug}), words=()) for slug in ("p", "q")
    )
    watched = programme(projects=projects, phenomena=(Phenomenon(slug="c", name=NOWHERE, words={}),))
    posts = [said("1", projects=("q",)), said("2", "unclassified")]
    issue = composed(posts, programme=watched)
    assert [(one.slug, one.posts) for one in issue.projects] == [("q", 1), ("p", 0)]
    assert [one.posts for one in issue.phenomena] == [0]
    assert issue.awaiting == 1


def test_places_are_those_of_the_words_and_of_organisations_homes() -> None:
    """A copied text speaks once, an inflected name in either language counts, and nobody's profile does."""
    posts = [
        said("1", text="Turussa avattiin uusi palvelupiste", cluster="1"),
        said("2", text="Turussa avattiin uusi palvelupiste", cluster="1"),
        said("3", text="Turun ja Pirkanmaan yhteistyö tiivistyy"),
        said("4", text="Palvelupiste muuttaa"),
    ]
    places = composed(posts, homes={"mastodon:h": "837"}).places or ()
    assert {one.slug: one.posts for one in places} == {"municipality-837": 3, "municipality-853": 2, "region-06": 1}
    assert places[1].name.by_language == {"fi": "Turku", "sv": "Åbo", "en": "Turku"}
    assert places[2].name.by_language["sv"] == "Birkaland"
    assert composed([said("5", text=None, gone="withheld")]).places == ()


def trend(**changes: Any) -> Trend:  # noqa: ANN401 - any field of the carrier
    """Return a topic of the trends."""
    fields: dict[str, Any] = {
        "topic": "Kirjasto",
        "label": {"fi": "Kirjasto"},
        "terms": ("kirjasto",),
        "theme": "a",
        "state": "growing",
        "posts": 5,
        "writers": 4,
        "baseline": 1.0,
        "ratio": 4.0,
        "ratio_low": 2.0,
        "ratio_high": 8.0,
        "first_seen_at": START,
        "example_ids": (("mastodon", "1"),),
        "languages": {"fi": 5},
        "largest_share": 0.2,
        "weekly": (1,) * 20 + (4,),
        "key": "k",
        "p": 0.001,
    }
    return Trend(**(fields | changes))


def test_topics_come_from_the_trends() -> None:
    """Recurring topics stand apart; chance is told in weeks; the last eight weeks are kept."""
    found = TrendReport(
        week=WEEK,
        trends=(trend(), trend(state="recurring", key="r", languages={})),
        quiet=Quiet(detectable_in_nine_of_ten=6, chance_notes_per_quiet_week=0.083),
    )
    issue = composed(many(5), trends=found)
    assert [one.key for one in issue.topics] == ["k"]
    assert [one.key for one in issue.recurring] == ["r"]
    assert issue.topics[0].weekly == (1, 1, 1, 1, 1, 1, 1, 4)
    assert issue.topics[0].examples == ("mastodon:1",)
    assert (issue.topic_notes.detectable, issue.topic_notes.chance_weeks) == (6, 12)
    assert composed(many(5), trends=TrendReport(week=WEEK, note="trends.no_history")).topic_notes.note


def test_previous_issue_of_another_week_explains_nothing() -> None:
    """Only the week before is compared with what was printed."""
    assert composed(many(4), previous=composed(many(4))).corrections is None


def test_names_and_keys() -> None:
    """An issue is called by its week; the posts that it shows are listed once."""
    posts = [said("1", text="Kirjasto ja koulu ja päiväkoti samassa talossa"), *many(3, "unsure")]
    issue = composed(posts, trends=TrendReport(week=WEEK, trends=(trend(),)))
    assert issue.key == "2026-W47"
    assert issue.shown_keys[0] == "mastodon:1"
    assert len(set(issue.shown_keys)) == len(issue.shown_keys)
    assert issue.programme.page == Localised({"fi": "Ohjelma"})
