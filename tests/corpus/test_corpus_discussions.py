"""Discussions as the corpus keeps them: the same as the rule over everything, whatever came when."""

import os
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.changes import decide
from corpus.discussion import partition
from corpus.instants import to_micros
from corpus.post import Author, Post
from corpus.posts import Applied
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


@settings(max_examples=int(os.environ.get("DISC_EXAMPLES", "60")), deadline=None)
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
