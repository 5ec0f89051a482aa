"""The newest discussions, page by page, with a bound on the work."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from corpus.post import Author, Post
from corpus.question import QuestionError
from corpus.search_query import Filters
from corpus.store import Corpus

MakePost = Callable[..., Post]


def _listed(corpus: Corpus, filters: Filters, limit: int) -> list[list[str]]:
    """Return the native ids of the posts by which discussions are listed, page by page."""
    pages, key = [], None
    while True:
        page = corpus.recent.page(filters, limit=limit, key=key)
        pages.append([one.shown.stored.post.native_id for one in corpus.recent.listed(page.post_ids)])
        if page.next_key is None:
            return pages
        key = page.next_key


@pytest.fixture
def talked(corpus: Corpus, make_post: MakePost, store: Callable[..., object], now: datetime) -> Corpus:
    """Thirty posts an hour apart: three discussions that go on by turns, and ten posts that stand alone."""
    posts = []
    for n in range(30):
        group = n % 3
        alone = n % 3 == 2 and n > 2
        posts.append(
            make_post(
                n,
                native_id=str(n),
                created_at=now - timedelta(hours=100 - n),
                reply_to=None if alone or n < 3 else str(group),
                discussion=None,
                links=(),
                lang="sv" if n == 4 else "fi",
            )
        )
    store(corpus, posts)
    corpus.discussions.update()
    return corpus


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_each_discussion_is_listed_once_by_its_newest_post(talked: Corpus, limit: int) -> None:
    """However small the pages are, a discussion stands where its newest post does, and nowhere else."""
    found = [one for page in _listed(talked, Filters(), limit) for one in page]
    assert found == [str(n) for n in (29, 28, 27, 26, 23, 20, 17, 14, 11, 8, 5, 2)]


def test_filters_decide_by_which_post_a_discussion_is_listed(talked: Corpus, now: datetime) -> None:
    """A filter, or a period, lists a discussion by its newest post that passes, though newer ones do not."""
    assert _listed(talked, Filters(language="sv"), 5) == [["4"]]
    until = now - timedelta(hours=90)
    assert [one for page in _listed(talked, Filters(until=until), 2) for one in page] == ["9", "8", "7", "5", "2"]
    since = now - timedelta(hours=72)
    assert [one for page in _listed(talked, Filters(since=since), 2) for one in page] == ["29", "28"]


def test_work_of_a_page_has_a_bound(corpus: Corpus, make_post: MakePost, store: Callable[..., object]) -> None:
    """With a rare filter a page ends before all posts were looked at, and the next one goes on from there."""
    posts = [make_post(n, native_id=str(n), reply_to=None, discussion=None, links=()) for n in range(5_000)]
    store(corpus, posts)
    first = corpus.recent.page(Filters(language="xx"), limit=5)
    assert first.post_ids == ()
    assert first.next_key is not None
    assert corpus.recent.page(Filters(language="xx"), limit=5, key=first.next_key).next_key is None


def test_figures_are_those_of_the_whole_discussion(talked: Corpus, make_post: MakePost) -> None:
    """A listed discussion counts all its posts; one that was not placed yet stands alone, without figures."""
    [listed] = talked.recent.listed(talked.recent.page(Filters(language="sv"), limit=1).post_ids)
    assert listed.discussion is not None
    assert (listed.discussion.posts, listed.discussion.writers, listed.first.stored.post.native_id) == (10, 5, "1")
    late = make_post(99, author=Author(native_id="z", handle=None, name=None), discussion=None, links=(), reply_to=None)
    from corpus.changes import decide

    talked.posts.apply(decide([late], {}, late.created_at), source="masto", now=late.created_at)
    newest = talked.recent.listed(talked.recent.page(Filters(), limit=50).post_ids)
    assert [one.discussion for one in newest if one.shown.stored.post.native_id == late.native_id] == [None]


@pytest.mark.parametrize("key", ["", "d.1", "n.1", "d.1.2.3", "d.9999999999999999999.1", "d.-1.2", "d.١.2"])
def test_key_that_no_page_gave_is_refused(corpus: Corpus, key: str) -> None:
    """A made-up key is told as that."""
    with pytest.raises(QuestionError):
        corpus.recent.page(Filters(), limit=5, key=key)
