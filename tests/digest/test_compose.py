"""An issue composed from a week's posts: every line adds up, and nothing is said that the numbers do not hold."""

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.post import ClassifiedPost
from digest.issue import Issue
from programme.types import Localised, Phenomenon, Project
from tests.digest.composing import (
    NOWHERE,
    POSTS,
    WEEK,
    Fixed,
    composed,
    covered_source,
    gap,
    many,
    programme,
    report,
    said,
    theme,
    trend,
)
from trends.report import Quiet, TrendReport


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


def test_a_theme_is_news_only_by_the_test() -> None:
    """The trends decide; without history or with a broken collection nobody is asked."""
    assert composed(many(4), change=lambda _this, _history: Fixed()).themes[0].is_news
    assert not composed(many(4), change=lambda _this, _history: Fixed(), covered=lambda _: False).themes[0].is_news
    broken = report(covered_source("mastodon", gap(0, 168)))
    assert not composed(many(4), change=lambda _this, _history: Fixed(), coverage=broken).themes[0].is_news


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
