"""Discussions as the corpus keeps them: the same as the rule over everything, whatever came when."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.changes import decide
from corpus.discussion import MOST_POSTS, Discussion, partition
from corpus.discussions import Placed
from corpus.instants import to_micros
from corpus.post import Author, Post, Prediction
from corpus.posts import Applied
from corpus.statistics import Figures
from corpus.store import Corpus

AT = datetime(2026, 11, 1, tzinfo=UTC)
FOREVER = (datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
Build = Callable[..., Post]
Store = Callable[..., Applied]

STORIES = [f"https://lehti.example/uutiset/{number}" for number in range(3)]
IDS = st.none() | st.integers(0, 7).map(str)


@st.composite
def sightings(draw: st.DrawFn) -> Post:
    """One sighting of one of sixteen posts: later ones may have other links, other bonds, or be deletions."""
    native_id, network = draw(st.integers(0, 7).map(str)), draw(st.sampled_from(["x", "mastodon"]))
    gone = draw(st.sampled_from([None, None, None, "deleted"]))
    version = draw(st.integers(0, 2))
    return Post(
        network=network,
        native_id=native_id,
        author=Author(native_id=f"a{native_id}", handle=None, name=None),
        text=None if gone else f"viesti {native_id}, {version}",
        # A post is created once, days from the next one: some stories rest, some last.
        created_at=AT + timedelta(days=5 * int(native_id), hours=len(network)),
        edited_at=AT + timedelta(days=100 + version) if version else None,
        via="hashtag",
        reply_to=draw(IDS),
        quote_of=draw(IDS),
        discussion=draw(IDS),
        links=tuple(draw(st.lists(st.sampled_from(STORIES), max_size=2, unique=True))) if not gone else (),
        gone=gone,
    )


def stored(corpus: Corpus, posts: Sequence[Post], now: datetime) -> None:
    """Store a batch as a collection does."""
    for network in sorted({post.network for post in posts}):
        page = [post for post in posts if post.network == network]
        known = corpus.posts.known(network, [post.native_id for post in page])
        corpus.posts.apply(decide(page, known, now), source="m", now=now)


def by_rule(corpus: Corpus) -> dict[tuple[str, str], str]:
    """Return every post's discussion as the rule over the whole corpus says."""
    posts = [one.post for one in corpus.posts.between(*FOREVER)]
    micros = {(post.network, post.native_id): to_micros(post.created_at) for post in posts}
    return {key: ":".join(first) for key, first in partition(posts, micros).items()}


def as_kept(corpus: Corpus) -> dict[tuple[str, str], str | None]:
    """Return every post's discussion as the corpus keeps it."""
    return {(one.post.network, one.post.native_id): one.discussion for one in corpus.posts.between(*FOREVER)}


BATCHES = st.lists(st.lists(sightings(), min_size=1, max_size=6), min_size=1, max_size=6)


def _check_batches(corpus: Corpus, batches: Sequence[Sequence[Post]], size: int) -> None:
    for number, batch in enumerate(batches):
        stored(corpus, batch, AT + timedelta(days=60, minutes=number))
        corpus.discussions.update(batch=size)
        assert as_kept(corpus) == by_rule(corpus)
    assert corpus.discussions.update().posts == 0
    assert corpus.verify() == []


@settings(max_examples=60, deadline=None)
@given(batches=BATCHES, size=st.integers(1, 7))
def test_any_order_and_batching_gives_the_rule_over_everything(
    empty_sqlite: Path, batches: list[list[Post]], size: int
) -> None:
    """After every batch of new, edited, late and deleted posts the kept discussions are those of the pure rule."""
    copy = empty_sqlite.with_name("discussions.db")
    for suffix in ("", "-wal", "-shm"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(empty_sqlite, copy)
    with Corpus.open(f"sqlite:///{copy}") as corpus:
        _check_batches(corpus, batches, size)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES)
def test_batches_give_the_rule_in_either_database(corpus: Corpus, batches: list[list[Post]]) -> None:
    """Either database keeps what the pure rule says, however much was there before."""
    for number, batch in enumerate(batches):
        stored(corpus, batch, AT + timedelta(days=60, minutes=number))
        corpus.discussions.update(batch=5)
    assert as_kept(corpus) == by_rule(corpus)
    assert corpus.discussions.update().posts == 0


def test_a_link_may_become_a_place_and_a_story_again(corpus: Corpus, make_post: Build, store: Store) -> None:
    """One post too many, and a link joins nobody; when that post is deleted, it joins again."""
    shares = [make_post(n, reply_to=None, discussion=None, links=tuple(STORIES[:1])) for n in range(MOST_POSTS)]
    store(corpus, shares)
    assert corpus.discussions.update().posts == MOST_POSTS
    assert len(set(as_kept(corpus).values())) == 1
    one_more = make_post(MOST_POSTS, reply_to=None, discussion=None, links=tuple(STORIES[:1]))
    store(corpus, [one_more])
    assert corpus.discussions.update() == Placed(posts=1, moved=MOST_POSTS)
    assert len(set(as_kept(corpus).values())) == MOST_POSTS + 1
    store(corpus, [replace(one_more, gone="deleted", text=None)])
    corpus.discussions.update()
    assert len(set(as_kept(corpus).values())) == 2
    assert as_kept(corpus) == by_rule(corpus)


def test_an_earlier_post_renames_its_discussion(corpus: Corpus, make_post: Build, store: Store) -> None:
    """The name is the earliest post's, and stays when later ones come."""
    answers = [make_post(n, reply_to=make_post(1).native_id, discussion=None, links=()) for n in (3, 4)]
    store(corpus, answers[:1])
    corpus.discussions.update()
    names = []
    for late in (answers[1], make_post(1, reply_to=None, discussion=None, links=())):
        store(corpus, [late])
        corpus.discussions.update()
        names.append({one.discussion for one in corpus.posts.between(*FOREVER)})
    assert names == [{f"mastodon:{answers[0].native_id}"}, {f"mastodon:{make_post(1).native_id}"}]


def talk(make_post: Build) -> list[Post]:
    """Return a story in a feed, a thread about it, a post on X that links it, and a post beside all that."""
    lone = {"reply_to": None, "discussion": None, "hashtags": ()}
    root, answer, aside = (make_post(n, **lone, links=()) for n in (3, 4, 5))
    return [
        make_post(1, **lone, network="feed", native_id="f1", url=f"{STORIES[0]}?utm_source=rss", links=(), via="word"),
        replace(root, links=(STORIES[0],)),
        replace(answer, reply_to=root.native_id, via="thread"),
        aside,
        make_post(7, **lone, network="x", native_id="77", links=(f"{STORIES[0]}#a",)),
        make_post(8, **lone, network="x", native_id="78", repost_of="77", links=(STORIES[0],)),
    ]


def test_discussions_of_a_span_are_listed(
    corpus: Corpus, make_post: Build, store: Store, make_prediction: Callable[..., Prediction], now: datetime
) -> None:
    """A discussion is told with its size, writers, networks, themes by way of coming in, and its span."""
    posts = talk(make_post)
    for network in ("feed", "mastodon", "x"):
        store(corpus, [post for post in posts if post.network == network])
    assert corpus.discussions.between(*FOREVER) == []
    corpus.discussions.update()
    ids = {one.post.native_id: one.post_id for one in corpus.posts.between(*FOREVER)}
    corpus.judgements.save_predictions([(ids[posts[1].native_id], make_prediction())], now=now)
    (found,) = corpus.discussions.between(*FOREVER)
    assert found == Discussion(
        network="feed",
        native_id="f1",
        posts=4,
        writers=4,
        networks=("feed", "mastodon", "x"),
        first_at=posts[0].created_at,
        last_at=posts[4].created_at,
        via={"hashtag": 2, "thread": 1, "word": 1},
        themes={"services": {"hashtag": 1}, "unclassified": {"hashtag": 1, "thread": 1, "word": 1}},
    )
    assert len(corpus.discussions.between(*FOREVER, writers=1)) == 2
    assert corpus.discussions.between(*FOREVER, offset=1) == []
    later = corpus.discussions.between(posts[4].created_at, FOREVER[1], writers=1, limit=1)
    assert [(one.native_id, one.posts, one.networks) for one in later] == [("f1", 1, ("x",))]


def test_a_discussion_is_read_as_a_tree(corpus: Corpus, make_post: Build, store: Store) -> None:
    """From any of its posts the whole discussion is told, across networks, tombstones in their places."""
    posts = talk(make_post)
    for network in ("feed", "mastodon", "x"):
        store(corpus, [post for post in posts if post.network == network])
    corpus.discussions.update()
    tree = corpus.discussions.tree("x", "77")
    shape = [(0, "f1"), (0, posts[1].native_id), (1, posts[2].native_id), (0, "77"), (1, "78")]
    assert [(depth, post.stored.post.native_id) for depth, post in tree] == shape
    store(corpus, [replace(posts[1], gone="deleted", text=None, links=())])
    corpus.discussions.update()
    rest = [(depth, post.stored.post.gone) for depth, post in corpus.discussions.tree("mastodon", posts[2].native_id)]
    assert rest == [(0, "deleted"), (1, None)]
    assert corpus.discussions.tree("x", "unknown") == []


def test_statistics_tell_ways_of_coming_in_apart(corpus: Corpus, make_post: Build, store: Store) -> None:
    """Every figure is told by theme, language, source and way; a discussion counts once on each that it touches."""
    posts = talk(make_post)
    for network in ("feed", "mastodon", "x"):
        store(corpus, [post for post in posts if post.network == network], source=network)
    corpus.discussions.update()
    found = corpus.posts.statistics()
    assert found.discussions == 1
    assert found.by_via == {"hashtag": 4, "thread": 1, "word": 1}
    assert found.figures["via"]["thread"] == Figures(posts=1, writers=1, discussions=1, labels=0, via={"thread": 1})
    assert found.figures["source"]["mastodon"] == Figures(
        posts=3, writers=3, discussions=1, labels=0, via={"hashtag": 2, "thread": 1}
    )
    assert sum(one.posts for one in found.figures["language"].values()) == found.posts
