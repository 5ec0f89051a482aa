"""Threads and look-ups of X."""

import json
from datetime import timedelta

import pytest

from collector.errors import SourceUnavailableError
from collector.source import Archived, Billed, Counting, Opening, Seeing, Threaded
from collector.sources.x import XSource, open_source
from collector.x_lookup import read_looked_up
from collector.x_page import Reading
from collector.x_thread import thread_query
from tests.collector.conftest import Bench
from tests.collector.fake_x import FakeX


@pytest.fixture
def fake(x_bench: Bench) -> FakeX:
    """The network behind ``x_bench``."""
    assert isinstance(x_bench.network, FakeX)
    return x_bench.network


@pytest.fixture
def source(x_bench: Bench) -> XSource:
    """The source with its account."""
    found = open_source(x_bench.settings, x_bench.programme, x_bench.secrets.get)
    found.keep_account(x_bench.corpus.facts)
    return found


def reply(fake: FakeX, root: str, to: str) -> str:
    """Write an answer without the hashtag."""
    return fake.publish(
        1, conversation_id=root, entities={}, referenced_tweets=[{"type": "replied_to", "id": to}], text="Vastaus"
    )[0]


def test_x_keeps_every_promise(source: XSource) -> None:
    """Threads, posts by id, counts, an archive and an account are promised by what X can do."""
    for promise in (Threaded, Seeing, Counting, Archived, Billed):
        assert isinstance(source, promise)


def test_thread_holds_replies_and_quotes(x_bench: Bench, fake: FakeX, source: XSource) -> None:
    """One search brings replies and quotes without the hashtag, marked as of the thread, and not the post itself."""
    root = fake.publish(1)[0]
    first = reply(fake, root, root)
    quote = fake.publish(1, entities={}, referenced_tweets=[{"type": "quoted", "id": root}])[0]
    fake.publish(1)
    opening = Opening(native_id=root, discussion=root, url=None)
    pages = list(source.thread(opening, 3, x_bench.patience()))
    assert {post.native_id for page in pages for post in page.posts} == {first, quote}
    assert {post.via for page in pages for post in page.posts} == {"thread"}
    assert (len(fake.asked), pages[-1].watermark is not None) == (1, True)
    assert [
        found
        for page in source.thread(
            Opening(native_id=root, discussion=root, url=None, since=quote), 3, x_bench.patience()
        )
        for found in page.posts
    ] == []
    assert fake.asked[-1].params["since_id"] == quote


def test_thread_is_followed_to_its_depth(x_bench: Bench, fake: FakeX, source: XSource) -> None:
    """Answers to answers deeper than asked for are left out where the chain is known, and kept where it is not."""
    root = fake.publish(1)[0]
    first = reply(fake, root, root)
    second = reply(fake, root, first)
    third = reply(fake, root, second)
    stray = reply(fake, root, "17")
    opening = Opening(native_id=root, discussion=root, url=None)

    def found(depth: int) -> set[str]:
        return {post.native_id for page in source.thread(opening, depth, x_bench.patience()) for post in page.posts}

    assert found(1) == {first, stray}
    assert found(2) == {first, second, stray}
    assert found(9) == {first, second, third, stray}


def test_edited_post_is_answered_under_both_ids() -> None:
    """People answer and quote either version; the address holds the newest."""
    opening = Opening(native_id="7", discussion="7", url="https://x.com/i/web/status/9")
    assert thread_query(opening) == (
        "conversation_id:7 OR conversation_id:9 OR quotes_of_tweet_id:7 OR quotes_of_tweet_id:9"
    )


def test_look_up_tells_what_is_and_what_is_gone(x_bench: Bench, fake: FakeX, source: XSource) -> None:
    """Posts come as they are, hidden ones are gone, and what X says nothing clear of is neither."""
    there, deleted, locked, strange = fake.publish(4)
    fake.hidden = {
        deleted: "resource-not-found",
        locked: "not-authorized-for-resource",
        strange: "resource-unavailable",
    }
    found = source.look_up([there, deleted, locked, strange], x_bench.patience())
    assert [post.native_id for post in found.posts] == [there]
    assert found.gone == {deleted: "deleted", locked: "deleted"}
    assert len(fake.asked) == 1
    assert fake.billed == 15
    fake.hidden = dict.fromkeys([there, deleted], "resource-not-found")
    assert set(source.look_up([there, deleted], x_bench.patience()).gone) == {there, deleted}


def test_look_up_follows_an_edit(x_bench: Bench, fake: FakeX, source: XSource) -> None:
    """Of an edited post the newest version comes, under the post's first id; if that is gone, so is the post."""
    first = fake.publish(1)[0]
    newest = str(int(first) + (timedelta(minutes=5) // timedelta(milliseconds=1) << 22))
    fake.posts[0]["edit_history_tweet_ids"] = [first, newest]
    later = (x_bench.clock() + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    fake.publish(1, edit_history_tweet_ids=[first, newest], text="Korjattu", created_at=later)
    fake.posts[-1]["id"] = newest
    found = source.look_up([first], x_bench.patience())
    assert [(post.native_id, post.text) for post in found.posts] == [(first, "Korjattu")]
    fake.hidden = {newest: "resource-not-found"}
    assert source.look_up([first], x_bench.patience()).gone == {first: "deleted"}


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'{"errors": [{"title": "Internal Error"}]}'], ids=["html", "empty", "error"]
)
def test_look_up_without_an_answer_buries_nothing(x_bench: Bench, fake: FakeX, source: XSource, body: bytes) -> None:
    """An answer that names no post is a failure."""
    fake.right_answer = lambda _: (200, {}, body)  # type: ignore[method-assign]  # the wire's answer
    with pytest.raises(SourceUnavailableError, match="not with posts"):
        source.look_up(["1"], x_bench.patience())


def test_gone_is_only_what_was_asked_for(x_bench: Bench) -> None:
    """A problem with a quoted post or a writer beside the posts buries nothing."""
    problem = {"type": "x/resource-not-found", "parameter": "referenced_tweets.id", "resource_id": "1"}
    body = json.dumps({"data": [], "errors": [problem, {**problem, "parameter": "ids", "resource_id": "2"}]}).encode()
    reading = Reading(now=x_bench.clock(), text_limit=100, via="hashtag")
    found = read_looked_up(body, ["1"], reading)
    assert found is not None
    assert found.gone == frozenset()
