"""What is Lemmy's own: two lists in one answer, texts in Markdown, trees of comments."""

from collections.abc import Callable

import pytest

from collector.collect import Bounds
from collector.errors import SourceUnavailableError
from corpus.post import Post
from tests.collector.conftest import Bench, Network
from tests.collector.fake_lemmy import FakeLemmy
from tests.collector.fake_wire import Answer, Asked, Clock
from tests.collector.payloads import expected, payload, readable


@pytest.fixture
def lemmy(clock: Clock) -> FakeLemmy:
    """The server."""
    return FakeLemmy(clock)


@pytest.fixture
def lemmy_bench(bench_of: Callable[[Network], Bench], lemmy: FakeLemmy) -> Bench:
    """Lemmy on loopback."""
    return bench_of(lemmy)


def posts_of(bench: Bench, position: str | None = None) -> list[Post]:
    """Return what a fetch yields."""
    return [post for page in bench.source().fetch(position, bench.patience()) for post in page.posts]


def test_payload_means_these_posts(lemmy_bench: Bench, lemmy: FakeLemmy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Posts, comments, an edit, a deletion and an opt-out are read as what they mean; the rest is set aside."""

    def answer(asked: Asked) -> Answer:
        empty = b'{"posts": [], "comments": []}'
        return 200, {}, payload("lemmy/search.json") if asked.params["page"] == "1" else empty

    monkeypatch.setattr(lemmy, "right_answer", answer)
    pages = list(lemmy_bench.source().fetch(None, lemmy_bench.patience()))
    assert [readable(post) for page in pages for post in page.posts] == expected("lemmy")
    assert [one.reason for page in pages for one in page.rejected] == [
        "it does not carry #tulevaisuudenkunta",
        "created_at is missing",
        "not as it should be: Expected `object`, got `str` - at `$.post`",
        "ap_id is missing",
    ]


def test_comments_are_followed_apart_from_posts(lemmy_bench: Bench, lemmy: FakeLemmy) -> None:
    """A round ends only where both lists have reached what is known, and costs one request where nothing is new."""
    (root,) = lemmy.publish(1)
    for _ in range(25):
        lemmy.comment(root)
    assert lemmy_bench.collect().inserted == 26
    lemmy_bench.clock.pass_by(minutes=15)
    lemmy.publish(2)
    lemmy.comment(root)
    assert lemmy_bench.collect().inserted == 3
    lemmy_bench.clock.pass_by(minutes=15)
    asked = len(lemmy.asked)
    assert lemmy_bench.collect().complete
    assert len(lemmy.asked) == asked + 1
    assert lemmy_bench.stored() == lemmy.truth


def test_what_was_left_is_reached_through_the_pages_above(lemmy_bench: Bench, lemmy: FakeLemmy) -> None:
    """A round that stopped is continued below what it read, whatever was written meanwhile."""
    (root,) = lemmy.publish(1)
    lemmy.publish(24)
    for _ in range(15):
        lemmy.comment(root)
    lemmy_bench.collect(bounds=Bounds(pages=1))
    lemmy_bench.clock.pass_by(minutes=15)
    lemmy.publish(15)
    assert lemmy_bench.collect().complete
    assert lemmy_bench.stored() == lemmy.truth


def test_late_arrival_on_the_first_page_is_found(lemmy_bench: Bench, lemmy: FakeLemmy) -> None:
    """A post that another server sends late stands below what is known, and is stored all the same."""
    lemmy.publish(3)
    lemmy_bench.collect()
    lemmy_bench.clock.pass_by(minutes=15)
    lemmy.publish(1, published="2026-11-20T07:00:00.000000Z")
    lemmy.posts.insert(0, lemmy.posts.pop())
    assert lemmy_bench.collect().inserted == 1


def test_rejections_are_noted_once(lemmy_bench: Bench, lemmy: FakeLemmy) -> None:
    """A text that only resembles the hashtag is set aside once, not in every round."""
    lemmy.publish(1, body="#tulevaisuudenkuntalainen")
    assert lemmy_bench.collect().rejected == 1
    lemmy_bench.clock.pass_by(minutes=15)
    assert lemmy_bench.collect().rejected == 0


def test_server_that_repeats_its_page_is_given_up(
    lemmy_bench: Bench, lemmy: FakeLemmy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that knows no pages does not hold a round for ever."""
    lemmy.publish(3)
    right = lemmy.right_answer

    def first_page(asked: Asked) -> Answer:
        asked.params["page"] = "1"
        return right(asked)

    monkeypatch.setattr(lemmy, "right_answer", first_page)
    with pytest.raises(SourceUnavailableError, match="answers the same page again"):
        posts_of(lemmy_bench)


def test_refusal_says_what_to_do(lemmy_bench: Bench, lemmy: FakeLemmy) -> None:
    """A server that is none, or shows its search to its users only, is told with a remedy."""
    lemmy.publish(1)
    refused = lemmy_bench.collect("404")
    assert (refused.state, "Check base_url" in (refused.problem or "")) == ("refused", True)
    assert "its own users only" in (lemmy_bench.collect("401").problem or "")


def test_second_page_waits_for_the_named_time(lemmy_bench: Bench, lemmy: FakeLemmy) -> None:
    """After an answer that was the last one allowed nothing is asked in the same round."""
    lemmy.publish(25)
    found = lemmy_bench.collect("last")
    assert (found.state, found.inserted, len(lemmy.asked)) == ("rate_limited", 10, 1)
