"""A week gathered from the corpus, and what of its posts may be shown."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.coverage import coverage_report
from corpus.changes import decide
from corpus.issues import StoredIssue
from corpus.judgements import ModelRecord
from corpus.post import Author, ClassifiedPost, Post, Prediction, StoredPost
from corpus.store import Corpus
from digest.issue import ClassifierFacts, Issue, StoredIssueError
from digest.week import LONGEST_ON_X, gather, may_quote, show, show_posts
from programme.types import Configuration, Localised, Organisation, Programme
from programme.week import Week
from trends.report import TrendReport

WEEK = Week(year=2026, number=47)
NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
FACTS = ClassifierFacts(version="m1", trained_at=NOW, trained_on=0)


def told(native_id: str, at: datetime, **changes: Any) -> Post:  # noqa: ANN401 - any field of the carrier
    """Return a post."""
    fields: dict[str, Any] = {
        "network": "mastodon",
        "native_id": native_id,
        "author": Author(native_id=native_id, handle=f"h{native_id}@kunta.example", name="Nimi"),
        "text": f"Kunnan palveluista puhutaan taas viestissä {native_id}",
        "created_at": at,
        "via": "hashtag",
        "url": f"https://kunta.example/{native_id}",
    }
    return Post(**(fields | changes))


def fill(corpus: Corpus, programme: Programme, posts: list[Post]) -> None:
    """Store posts and judge them all alike."""
    known = corpus.posts.known("mastodon", [post.native_id for post in posts])
    corpus.posts.apply(decide(posts, known, NOW), source="import", now=NOW)
    record = ModelRecord(version="m1", trained_at=NOW, data_hash="d", theme_hash="t", report={})
    corpus.judgements.activate(record, now=NOW)
    slug = programme.slugs[0]
    for batch in corpus.posts.unclassified("m1"):
        judged = Prediction(model="m1", lang="fi", theme=slug, themes=(slug,), confidence=0.9, scores={slug: 1.0})
        corpus.judgements.save_predictions([(post.post_id, judged) for post in batch], now=NOW)


def gathered(corpus: Corpus, configuration: Configuration, week: Week = WEEK) -> Issue:
    """Return the issue of the week from the corpus."""
    programme = configuration.programme
    return gather(
        corpus,
        configuration,
        week,
        posts=corpus.posts.classified_between(week.plus(-7).start_at(programme.zone), week.end_at(programme.zone)),
        trends=TrendReport(week=week),
        coverage=coverage_report(
            corpus, configuration.enabled_sources, week.start_at(programme.zone), week.end_at(programme.zone), NOW
        ),
        covered=lambda _: True,
        classifier=FACTS,
        now=NOW,
    )


def test_a_week_is_gathered_stored_and_explained(corpus: Corpus, configuration: Configuration) -> None:
    """The week's posts are counted by the programme's themes; the next issue compares with what was stored."""
    configuration = replace(configuration, sources=())
    programme = configuration.programme
    start = WEEK.start_at(programme.zone)
    fill(corpus, programme, [told(str(n), start + timedelta(hours=n)) for n in range(1, 9)])
    issue = gathered(corpus, configuration)
    assert (issue.posts, issue.writers, issue.themes[0].now, issue.coverage.state) == (8, 8, 8, "imported")
    assert issue.total.series == (0,) * 7 + (8,)
    corpus.issues.save_draft(
        StoredIssue(
            key=issue.key, state="draft", numbers=issue.as_json(), drafted_at=NOW, corpus_fingerprint="f", model="m1"
        )
    )
    fill(corpus, programme, [told("9", start + timedelta(hours=9))])
    following = gathered(corpus, configuration, WEEK.plus(1))
    assert following.corrections is not None
    assert (following.corrections.late, following.corrections.differences) == (1, 1)


def test_discussions_are_those_of_the_corpus(corpus: Corpus, configuration: Configuration) -> None:
    """Two people who link one story are a discussion, and the printed number can be counted again from what is kept."""
    configuration = replace(configuration, sources=())
    programme = configuration.programme
    start = WEEK.start_at(programme.zone)
    story = ("https://lehti.example/uutiset/kirjasto",)
    posts = [told("1", start, links=story), told("2", start + timedelta(days=2), links=story), told("3", start)]
    fill(corpus, programme, posts)
    assert gathered(corpus, configuration).discussions == 0
    corpus.discussions.update()
    issue = gathered(corpus, configuration)
    assert issue.discussions == 1
    assert [one.discussion for one in issue.counted] == ["mastodon:1", "mastodon:1", None]
    assert Issue.from_json(issue.as_json()) == issue


def test_shown_posts_are_looked_up_when_rendered(corpus: Corpus, configuration: Configuration) -> None:
    """A post that is not in the corpus is not shown; a private person's is a link."""
    programme = configuration.programme
    start = WEEK.start_at(programme.zone)
    fill(corpus, programme, [told("1", start), told("2", start)])
    issue = gathered(corpus, replace(configuration, sources=()))
    shown = show_posts(corpus, issue, programme, "link")
    assert [view.style for view in shown.values()] == ["link"] * len(shown)
    assert shown
    elsewhere = replace(issue.sections[0].items[0], post="mastodon:gone")
    gone = replace(issue, sections=(replace(issue.sections[0], items=(elsewhere,)),))
    assert show_posts(corpus, gone, programme, "link") == {}


def test_a_stored_issue_of_another_form_is_refused() -> None:
    """What cannot be read says so, with a remedy."""
    with pytest.raises(StoredIssueError, match="upgrade"):
        Issue.from_json({"week": 1})


def stored(post: Post) -> ClassifiedPost:
    """Return a post as it comes from the corpus."""
    return ClassifiedPost(
        stored=StoredPost(post=post, post_id=1, source="s", first_seen_at=NOW, last_seen_at=NOW, lang="fi"),
        prediction=None,
    )


@pytest.fixture
def listing(programme: Programme) -> Programme:
    """The programme with one listed organisation on two networks."""
    listed = Organisation(
        name=Localised({"fi": "Koivurannan\nkunta"}), accounts=("mastodon:koivu@kunta.example", "x:koivuranta")
    )
    return replace(programme, organisations=(listed,))


KOIVU = Author(native_id="k", handle="@Koivu@kunta.example", name="K")
ON_X = Author(native_id="k", handle="Koivuranta", name="Koivurannan \u202ekunta")


def test_a_listed_organisation_is_quoted_by_name(listing: Programme) -> None:
    """The listed name stands, on one line, whatever the account calls itself."""
    view = show(stored(told("1", NOW, author=KOIVU)), listing, "none")
    assert view is not None
    assert (view.style, view.name["fi"]) == ("organisation", "Koivurannan kunta")


def test_a_private_person_is_shown_as_the_settings_say(listing: Programme) -> None:
    """Nothing, a link, or the text without a name."""
    post = stored(told("1", NOW))
    assert show(post, listing, "none") is None
    link, text = show(post, listing, "link"), show(post, listing, "text")
    assert link is not None
    assert text is not None
    assert (link.style, link.text) == ("link", "")
    assert (text.style, bool(text.name)) == ("text", False)
    assert [may_quote(post, listing, setting) for setting in ("none", "link", "text")] == [False, False, True]


def test_x_is_shown_whole_or_not_at_all(listing: Programme) -> None:
    """Name, handle, text and link together; without one of them, or too long, or cut, only a link."""
    post = told("1", NOW, network="x", author=ON_X)
    view = show(stored(post), listing, "link")
    assert view is not None
    assert (view.style, view.name[""], view.handle) == ("x", "Koivurannan \ufffdkunta", "Koivuranta")
    for lacking in ({"text": "a" * (LONGEST_ON_X + 1)}, {"cut_from": 900}, {"url": "javascript:x"}):
        shown = show(stored(replace(post, **lacking)), listing, "link")
        assert shown is not None
        assert shown.style == "link"
    anonymous = show(stored(replace(post, author=None)), listing, "text")
    assert anonymous is not None
    assert anonymous.style == "link"


def test_what_is_gone_is_not_shown(listing: Programme) -> None:
    """A tombstone shows nothing."""
    assert show(stored(told("1", NOW, text=None, gone="deleted")), listing, "text") is None


def test_the_footer_invites_to_the_own_server(corpus: Corpus, configuration: Configuration) -> None:
    """The Mastodon server that is collected from is the one invited to."""
    sources = tuple(
        replace(source, enabled=source.network == "mastodon", base_url="https://mastodon.example/")
        for source in configuration.sources
    )
    issue = gathered(corpus, replace(configuration, sources=sources))
    assert issue.programme.mastodon == "https://mastodon.example"
    assert issue.kind == "failed"
