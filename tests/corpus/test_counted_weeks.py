"""What is kept of counted weeks is never stale, and goes with the texts that it was made of."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from corpus.changes import Bury
from corpus.counted_weeks import Span, fingerprint
from corpus.post import Post
from corpus.posts import Applied
from corpus.store import Corpus
from tests.corpus.conftest import NOW
from tests.corpus.village import Village, fill

WEEKS = tuple(Span(start_at=NOW - timedelta(weeks=n), end_at=NOW - timedelta(weeks=n - 1)) for n in (3, 2, 1))
ALL = Span(start_at=NOW - timedelta(weeks=60), end_at=NOW + timedelta(weeks=1))


def keep(corpus: Corpus, week: Span) -> bytes:
    """Keep something of a week and return the fingerprint of its posts."""
    found = fingerprint(corpus.counted_weeks.said(week, ALL), "rules")
    assert corpus.counted_weeks.put(week, ALL, "rules", found, b"counts")
    return found


def rows(corpus: Corpus) -> int:
    """Return of how many weeks something is kept."""
    return int(corpus.database.query("SELECT count(*) FROM counted_weeks")[0][0])


@pytest.fixture
def posts(make_post: Callable[..., Post]) -> list[Post]:
    """One post in each of the weeks; the last reposts the first without words of its own."""
    first, second, last = (
        make_post(n, created_at=week.start_at + timedelta(hours=1), reply_to=None) for n, week in enumerate(WEEKS)
    )
    return [first, second, replace(last, text="", repost_of=first.native_id, hashtags=(), links=())]


def test_only_what_was_counted_from_the_same_posts_and_rules_is_given(
    corpus: Corpus, posts: list[Post], store: Callable[..., Applied]
) -> None:
    """An edited post, a late one, and other rules make what is kept of the week as if it were not there."""
    store(corpus, posts)
    week = WEEKS[1]
    before = keep(corpus, week)
    assert corpus.counted_weeks.get(week.start_at, before) == b"counts"
    store(corpus, [replace(posts[1], text="Toinen teksti", edited_at=NOW)], now=NOW + timedelta(hours=1))
    edited = fingerprint(corpus.counted_weeks.said(week, ALL), "rules")
    assert edited != before
    assert corpus.counted_weeks.get(week.start_at, edited) is None
    late = replace(posts[1], native_id="1", text="Myöhässä", created_at=posts[1].created_at + timedelta(minutes=1))
    store(corpus, [late], now=NOW + timedelta(hours=2))
    said = corpus.counted_weeks.said(week, ALL)
    assert len({before, edited, fingerprint(said, "rules"), fingerprint(said, "other rules")}) == 4


def test_counts_of_posts_that_changed_meanwhile_are_not_kept(
    corpus: Corpus, posts: list[Post], store: Callable[..., Applied]
) -> None:
    """What somebody deleted while it was being counted does not come to be kept."""
    store(corpus, posts)
    before = fingerprint(corpus.counted_weeks.said(WEEKS[1], ALL), "rules")
    corpus.posts.apply([Bury(posts[1].network, posts[1].native_id, "deleted", NOW)], source="masto", now=NOW)
    assert not corpus.counted_weeks.put(WEEKS[1], ALL, "rules", before, b"counts")
    assert rows(corpus) == 0


@pytest.mark.parametrize("gone", ["deleted", "expired"])
def test_counts_go_with_a_post_and_with_what_its_reposts_said(
    corpus: Corpus, posts: list[Post], store: Callable[..., Applied], gone: str
) -> None:
    """A deletion takes out the week of the post and that of its repost, which says its words; others stay."""
    store(corpus, posts)
    found = [keep(corpus, week) for week in WEEKS]
    bury = Bury(posts[0].network, posts[0].native_id, gone, NOW)  # type: ignore[arg-type] # a parameter
    corpus.posts.apply([bury], source="masto", now=NOW)
    left = [corpus.counted_weeks.get(week.start_at, mark) for week, mark in zip(WEEKS, found, strict=True)]
    assert left == [None, b"counts", None]
    assert rows(corpus) == 1


def test_nothing_is_kept_after_an_erasure(kept: Corpus, village: Village) -> None:
    """An erased person's words are in many posts: all weeks are counted anew."""
    fill(kept, village)
    for week in WEEKS:
        keep(kept, week)
    (person,) = kept.erasures.find(f"{village.network}:{village.author.native_id}")
    kept.erasures.erase(person, who="tester", now=NOW)
    assert rows(kept) == 0
