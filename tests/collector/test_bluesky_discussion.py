"""Threads and look-ups of Bluesky."""

import pytest

from collector.errors import SourceRefusedError, SourceUnavailableError
from collector.source import Opening, Page, Seeing, Threaded
from collector.sources.bluesky import BlueskySource, open_source
from tests.collector.conftest import Bench
from tests.collector.fake_bluesky import FakeBluesky
from tests.collector.fake_wire import RESET_AFTER, json_body


@pytest.fixture
def fake(bluesky_bench: Bench) -> FakeBluesky:
    """The network behind ``bluesky_bench``."""
    assert isinstance(bluesky_bench.network, FakeBluesky)
    return bluesky_bench.network


@pytest.fixture
def source(bluesky_bench: Bench) -> BlueskySource:
    """The source with its account."""
    return open_source(bluesky_bench.settings, bluesky_bench.programme, bluesky_bench.secrets.get)


def discussed(source: BlueskySource, bench: Bench, uri: str, root: str | None = None, depth: int = 6) -> list[Page]:
    """Return the pages of a thread."""
    return list(source.thread(Opening(native_id=uri, discussion=root, url=None), depth, bench.patience()))


def found_in(pages: list[Page]) -> set[str]:
    """Return the native ids of pages."""
    return {post.native_id for page in pages for post in page.posts}


def names(fake: FakeBluesky) -> list[str]:
    """Return what was asked."""
    return [asked.path.rpartition(".")[2] for asked in fake.asked]


def label(value: str, **more: object) -> list[dict[str, object]]:
    """Return labels with one of that value."""
    return [{"src": "did:plc:moderaattori", "val": value, **more}]


def test_bluesky_keeps_its_promises(source: BlueskySource) -> None:
    """Threads and posts by address are promised."""
    assert isinstance(source, Threaded)
    assert isinstance(source, Seeing)


def test_thread_is_one_request_where_nobody_quotes(
    source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky
) -> None:
    """Replies without the hashtag come marked as of the thread, under the root, without the post itself."""
    (root,) = fake.publish()
    (first,) = fake.answer(root, root)
    (second,) = fake.answer(first, root)
    (page,) = discussed(source, bluesky_bench, root)
    assert [(post.native_id, post.via, post.discussion) for post in page.posts] == [
        (first, "thread", root),
        (second, "thread", root),
    ]
    assert (page.watermark is not None, names(fake)) == (True, ["getPostThread"])


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_thread_is_followed_to_its_depth(
    source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky, depth: int
) -> None:
    """Answers deeper than asked for are not even sent."""
    (root,) = fake.publish()
    chain = [root]
    for _ in range(4):
        chain += fake.answer(chain[-1], root)
    assert found_in(discussed(source, bluesky_bench, root, depth=depth)) == set(chain[1 : depth + 1])


def test_thread_of_a_reply_begins_at_the_root(source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """The root and its other answers belong to the discussion of a reply with the hashtag."""
    (root,) = fake.answer("at://did:plc:nobody/app.bsky.feed.post/1", "")
    fake.posts[-1]["record"].pop("reply")
    (tagged,) = fake.answer(root, root)
    (beside,) = fake.answer(root, root)
    assert found_in(discussed(source, bluesky_bench, tagged, root)) == {root, beside}


@pytest.mark.parametrize("lost", ["deleted", "blocked", "deep"])
def test_post_that_the_roots_tree_does_not_reach_is_asked_for_itself(
    source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky, lost: str
) -> None:
    """A root that is gone or withheld, or too far up, does not hide the answers to the post."""
    (root,) = fake.publish()
    chain = fake.answer(root, root)
    chain += fake.answer(chain[0], root)
    chain += fake.answer(chain[1], root)
    if lost == "deleted":
        fake.retract(root)
    elif lost == "blocked":
        fake.blocked.add(root)
    tagged, below = chain[1:]
    pages = discussed(source, bluesky_bench, tagged, root, depth=1)
    assert found_in(pages) == {below} | ({root, chain[0]} if lost == "deep" else set())
    assert [page.watermark is not None for page in pages] == [False, True]
    assert names(fake) == ["getPostThread"] * 2


def test_thread_that_is_gone_is_empty(source: BlueskySource, bluesky_bench: Bench) -> None:
    """A post without a thread ends at once, as read."""
    (page,) = discussed(source, bluesky_bench, "at://did:plc:a/app.bsky.feed.post/1")
    assert (page.posts, page.watermark is not None) == ((), True)


def test_withheld_answers_leave_a_gap(source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """Blocked and deleted answers, and what is no answer at all, do not harm those beside them."""
    (root,) = fake.publish()
    blocked, there = fake.answer(root, root, 2)
    fake.blocked.add(blocked)
    whole = fake._node(fake.posts[0], 6)
    whole["replies"] += [{"$type": "app.bsky.feed.defs#notFoundPost", "uri": blocked, "notFound": True}, 7]
    fake.right_answer = lambda _: (200, {}, json_body({"thread": whole}))  # type: ignore[method-assign]  # the wire's
    (page,) = discussed(source, bluesky_bench, root)
    assert (found_in([page]), len(page.rejected)) == ({there}, 1)


def test_quotes_are_read_page_by_page(source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """Quotes follow the tree, to the end, although a cursor comes with the last page too."""
    (root,) = fake.publish()
    quotes = fake.quote(root, 12)
    pages = discussed(source, bluesky_bench, root)
    assert found_in(pages) == set(quotes)
    assert {post.quote_of for page in pages for post in page.posts} == {root}
    assert [page.watermark is not None for page in pages] == [False, False, False, True]
    assert names(fake) == ["getPostThread", "getQuotes", "getQuotes", "getQuotes"]


def test_quotes_that_are_gone_meanwhile_end_the_thread(
    source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky
) -> None:
    """A post that is deleted between tree and quotes has none, and a cursor that stays the same is the end."""
    (root,) = fake.publish()
    fake.quote(root)
    right = fake.right_answer
    answers = {"getQuotes": (400, {}, json_body({"error": "NotFound"}))}
    fake.right_answer = lambda asked: answers.get(asked.path[-9:]) or right(asked)  # type: ignore[method-assign]  # the wire's
    assert discussed(source, bluesky_bench, root)[-1].posts == ()
    same = {"posts": [fake._node(fake.posts[1], 0)["post"]], "cursor": "same"}
    answers["getQuotes"] = (200, {}, json_body(same))
    before = len(fake.asked)
    assert discussed(source, bluesky_bench, root)[-1].watermark is not None
    assert len(fake.asked) - before == 3


def test_unreadable_thread_is_trouble(source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """What is no thread is told as a failure, not as a discussion without answers."""
    fake.faults.extend(["html"] * 3)
    with pytest.raises(SourceUnavailableError, match="not with a discussion"):
        discussed(source, bluesky_bench, *fake.publish())


def test_named_time_stops_a_thread(source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """Between tree and quotes nothing is asked before the time that the server names."""
    (root,) = fake.publish()
    fake.quote(root)
    fake.faults.append("last")
    pages = source.thread(Opening(native_id=root, discussion=root, url=None), 6, bluesky_bench.patience())
    assert next(pages).not_before == bluesky_bench.clock() + RESET_AFTER
    with pytest.raises(SourceUnavailableError) as error:
        next(pages)
    assert error.value.resume_at == bluesky_bench.clock() + RESET_AFTER
    assert len(fake.asked) == 1


def test_look_up_tells_what_is_and_what_is_gone(source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """Posts come as they are; what the server leaves out without a word is missing, and not yet gone."""
    there, deleted = fake.publish(2)
    fake.posts[0]["likeCount"] = 9
    fake.retract(deleted)
    found = source.look_up([there, deleted], bluesky_bench.patience())
    assert [(post.native_id, post.counts.likes) for post in found.posts] == [(there, 9)]
    assert (found.gone, found.missing, names(fake)) == ({}, {deleted}, ["getPosts"])


def test_look_up_asks_for_as_many_as_the_network_takes(
    source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky
) -> None:
    """A full request is taken whole."""
    uris = fake.publish(source.most_at_once)
    assert {post.native_id for post in source.look_up(uris, bluesky_bench.patience()).posts} == set(uris)


@pytest.mark.parametrize(
    ("fields", "gone"),
    [
        pytest.param({"author": {"did": "did:plc:a", "labels": label("!no-unauthenticated")}}, "opted_out", id="opted"),
        pytest.param({"author": {"did": "did:plc:a", "labels": label("!takedown")}}, "deleted", id="author"),
        pytest.param({"labels": label("!hide")}, "deleted", id="hidden"),
        pytest.param({"labels": label("!hide", neg=True)}, None, id="taken-back"),
        pytest.param({"labels": label("spam")}, None, id="other"),
    ],
)
def test_labels_take_posts_out_of_sight(
    source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky, fields: dict[str, object], gone: str | None
) -> None:
    """What the author or the network does not want shown is not kept, whether it is searched for or looked up."""
    (uri,) = fake.publish(**fields)
    if "author" in fields:
        uri = fake.posts[0]["uri"] = "at://did:plc:a/app.bsky.feed.post/1"
    found = source.look_up([uri], bluesky_bench.patience())
    assert (found.gone.get(uri), len(found.posts)) == (gone, 0 if gone else 1)
    bluesky_bench.collect()
    known = bluesky_bench.corpus.posts.by_native_id("bluesky", uri)
    assert known is not None
    post = known.stored.post
    assert (post.gone, post.text is None, post.author is None) == (gone, bool(gone), bool(gone))


@pytest.mark.parametrize("record", [{"uri": "at://did:plc:a/app.bsky.feed.post/1"}, {"uri": 7}], ids=["named", "not"])
def test_unreadable_record_is_not_gone(
    source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky, record: dict[str, object]
) -> None:
    """A record that cannot be read is there; one that cannot even be named leaves all that is missing unjudged."""
    asked = ["at://did:plc:a/app.bsky.feed.post/1", "at://did:plc:a/app.bsky.feed.post/2"]
    fake.right_answer = lambda _: (200, {}, json_body({"posts": [record]}))  # type: ignore[method-assign]  # the wire's
    found = source.look_up(asked, bluesky_bench.patience())
    assert found.missing == ({asked[1]} if record["uri"] != 7 else set())
    assert found.gone == {}
    assert len(found.rejected) == 1


def test_address_that_is_none_is_not_asked_for(source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """One malformed address from an archive does not make the server refuse the others."""
    (there,) = fake.publish()
    assert len(source.look_up(["at://aino.example/x", there], bluesky_bench.patience()).posts) == 1
    assert source.look_up(["17"], bluesky_bench.patience()).gone == {}
    assert len(fake.asked) == 1


@pytest.mark.parametrize("fault", ["html", "list", "empty"])
def test_look_up_without_an_answer_buries_nothing(
    source: BlueskySource, bluesky_bench: Bench, fake: FakeBluesky, fault: str
) -> None:
    """An answer that is no list of posts is a failure."""
    fake.faults.extend([fault] * 3)
    with pytest.raises(SourceUnavailableError, match="not with posts"):
        source.look_up(fake.publish(), bluesky_bench.patience())


def test_without_an_account_nothing_is_asked(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """Threads and posts by address need the account as the search does."""
    source = open_source(bluesky_bench.settings, bluesky_bench.programme, lambda _: None)
    with pytest.raises(SourceRefusedError, match="no app password"):
        source.look_up(fake.publish(), bluesky_bench.patience())
    with pytest.raises(SourceRefusedError, match="no app password"):
        discussed(source, bluesky_bench, *fake.publish())
    assert (fake.asked, fake.sign_ins) == ([], [])


def test_round_and_sweep_use_them(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """After a round the discussion is in the corpus, and a day later a deletion in it leaves a tombstone."""
    (root,) = fake.publish()
    first, second = fake.answer(root, root, 2)
    bench = bluesky_bench
    found = bench.collect_and_follow()
    assert found.threads is not None
    assert (found.inserted, found.threads.inserted, len(fake.sign_ins)) == (1, 2, 1)
    assert bench.stored() == {root, first, second}
    bench.clock.pass_by(hours=25)
    fake.retract(second)
    assert bench.sweep().unjudged == 1
    bench.clock.pass_by(hours=1)
    again = bench.sweep()
    assert (again.looked_at, again.buried, again.complete) == (1, 1, True)
    assert gone(bench, second) == "deleted"


def test_one_empty_answer_buries_nothing(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """Posts that are left out once, and shown an hour later, stay; meanwhile they are not asked for again."""
    bench = bluesky_bench
    uris = fake.publish(3)
    bench.collect()
    bench.clock.pass_by(hours=25)
    right = fake.right_answer
    fake.right_answer = lambda _: (200, {}, json_body({"posts": []}))  # type: ignore[method-assign]  # the wire's answer
    found = bench.sweep()
    assert (found.looked_at, found.buried, found.unjudged) == (3, 0, 3)
    fake.right_answer = right  # type: ignore[method-assign]  # as it was
    assert bench.sweep().looked_at == 0
    bench.clock.pass_by(hours=1)
    found = bench.sweep()
    assert (found.looked_at, found.buried, found.unjudged) == (3, 0, 0)
    assert [gone(bench, uri) for uri in uris] == [None, None, None]
    fake.retract(uris[0])
    bench.clock.pass_by(hours=25)
    assert bench.sweep().buried == 0


def test_quotes_that_come_later_are_asked_for(bluesky_bench: Bench, fake: FakeBluesky) -> None:
    """A new quote is noticed when the post is looked up, although nothing else about it has changed."""
    bench = bluesky_bench
    (root,) = fake.publish()
    assert followed(bench) == (1, None)
    (quote,) = fake.quote(root)
    bench.clock.pass_by(hours=25)
    assert bench.sweep().updated == 0
    assert followed(bench) == (0, 1)
    assert bench.stored() == {root, quote}
    assert followed(bench) == (0, None)


def followed(bench: Bench) -> tuple[int, int | None]:
    """Return how many posts a round brought, and how many its discussions; None where none was asked for."""
    found = bench.collect_and_follow()
    return found.inserted, found.threads.inserted if found.threads else None


def gone(bench: Bench, uri: str) -> str | None:
    """Return why a post is no longer there."""
    known = bench.corpus.posts.by_native_id("bluesky", uri)
    assert known is not None
    return known.stored.post.gone
