"""What a page of posts means for the corpus."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.changes import Bury, Insert, Known, Seen, Skip, Update, buried, decide, marked, merged, version
from corpus.post import Author, Counts, Post

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
instants = st.integers(0, 4).map(lambda hours: NOW + timedelta(hours=hours))
optional_words = st.sampled_from([None, "1", "12", "2"])


@st.composite
def sightings(draw: st.DrawFn) -> Seen:
    """One of the ways in which one post may be seen."""
    # Hashtags, links and the cut belong to the text: one text always carries the same.
    text, hashtags, links, cut_from = draw(
        st.sampled_from([("eka", (), (), None), ("toka", ("a",), ("l",), 30_000), ("kolmas", ("a", "b"), (), None)])
    )
    post = Post(
        network="x",
        native_id="7",
        author=draw(
            st.sampled_from(
                [None, Author(native_id="a", handle="h", name=None), Author(native_id="a", handle="i", name="n")]
            )
        ),
        text=text,
        created_at=NOW,
        via="hashtag",
        url=draw(optional_words),
        lang=draw(optional_words),
        edited_at=draw(st.none() | instants),
        reply_to=draw(optional_words),
        discussion=draw(optional_words),
        hashtags=hashtags,
        links=links,
        counts=draw(st.sampled_from([Counts(), Counts(likes=1), Counts(likes=3, views=2), Counts(replies=9)])),
        cut_from=cut_from,
        gone=draw(st.sampled_from([None, None, None, "deleted", "erased"])),
    )
    return Seen.once(marked(post)[0], draw(instants))


@settings(max_examples=60, deadline=None)
@given(st.lists(sightings(), min_size=1, max_size=4))
def test_order_of_sightings_does_not_matter(seen: list[Seen]) -> None:
    """Whatever the order in which sightings of a post are joined, the result is the same."""
    results = [reduce(merged, order) for order in permutations(seen)]
    assert all(result == results[0] for result in results)


@settings(max_examples=60, deadline=None)
@given(sightings(), sightings())
def test_joining_again_changes_nothing(one: Seen, other: Seen) -> None:
    """A sighting that is already part of what is known adds nothing."""
    both = merged(one, other)
    assert merged(both, other) == both
    assert merged(both, both) == both


def known_of(post: Post, **changes: object) -> Known:
    """Return what the corpus would know of a post."""
    marked_post, fingerprint = marked(post)
    fields = {
        "post_id": 1,
        "fingerprint": fingerprint,
        "counts": marked_post.counts,
        "gone": marked_post.gone,
    }
    return Known(**(fields | changes))  # type: ignore[arg-type] # of a test's keywords


def test_unknown_post_is_inserted(make_post: Callable[..., Post], now: datetime) -> None:
    """A post that the corpus lacks is inserted."""
    post = make_post()
    [change] = decide([post], {}, now)
    assert isinstance(change, Insert)
    assert change.post == post


def test_same_post_is_skipped(make_post: Callable[..., Post], now: datetime) -> None:
    """A post that is known as it is means nothing to do, with or without its counts."""
    post = make_post()
    known = {post.native_id: known_of(post)}
    for seen in (post, replace(post, lang="sv"), replace(post, raw=None)):
        assert decide([seen], known, now) == [Skip(known[post.native_id], "unchanged")]
    assert decide([replace(post, counts=Counts())], known, now) == [Skip(known[post.native_id], "uncounted")]


@pytest.mark.parametrize(
    "changes",
    [{"text": "Toinen"}, {"counts": Counts(likes=400)}, {"links": ()}, {"reply_to": "5"}, {"edited_at": NOW}],
    ids=["text", "counts", "links", "relation", "time of edit"],
)
def test_changed_post_is_updated(make_post: Callable[..., Post], now: datetime, changes: dict[str, object]) -> None:
    """What differs from what is known is an update."""
    post = make_post()
    [change] = decide([replace(post, **changes)], {post.native_id: known_of(post)}, now)  # type: ignore[arg-type] # fields
    assert isinstance(change, Update)


def test_gone_post_is_buried_once(make_post: Callable[..., Post], now: datetime) -> None:
    """A post that went is buried; a tombstone is buried again only for a stronger reason, and never revived."""
    post = make_post()
    gone = replace(post, gone="deleted")
    assert decide([gone], {post.native_id: known_of(post)}, now) == [Bury("mastodon", post.native_id, "deleted", now)]
    tombstone = {post.native_id: known_of(gone)}
    assert decide(
        [
            gone,
        ],
        tombstone,
        now,
    ) == [Skip(tombstone[post.native_id], "buried")]
    assert decide([post], tombstone, now) == [Skip(tombstone[post.native_id], "buried")]
    assert decide([replace(post, gone="erased")], tombstone, now) == [Bury("mastodon", post.native_id, "erased", now)]


def test_later_version_on_one_page_wins(make_post: Callable[..., Post], now: datetime) -> None:
    """Of two versions of a post on one page the later edited one is stored and the other kept as earlier."""
    first, second = make_post(), make_post(text="Muokattu", edited_at=now)
    for page in ([first, second], [second, first]):
        repeated, change = decide(page, {}, now)
        assert repeated == Skip(None, "repeated")
        assert isinstance(change, Insert)
        assert change.post.text == "Muokattu"
        assert [post.text for post in change.earlier] == [first.text]


def test_deletion_on_the_same_page_wins(make_post: Callable[..., Post], now: datetime) -> None:
    """A post that a page brings both alive and gone is gone, and no version of it is kept."""
    post = make_post()
    _, change = decide([post, replace(post, gone="deleted")], {}, now)
    assert isinstance(change, Insert)
    assert change.post == buried(post, "deleted")
    assert change.earlier == ()


def test_texts_are_made_storable(make_post: Callable[..., Post], now: datetime) -> None:
    """U+0000 and lone surrogates become U+FFFD in every text of a post."""
    post = make_post(text="a\0b\ud800", hashtags=("x\0",), links=("l\ud900",), url=None, discussion="\0", author=None)
    [change] = decide([post], {}, now)
    assert isinstance(change, Insert)
    assert change.post.text == "a\ufffdb\ufffd"
    assert (change.post.hashtags, change.post.links) == (("x\ufffd",), ("l\ufffd",))
    [named] = decide([make_post(text="\0")], {}, now)
    assert isinstance(named, Insert)
    assert named.post.author == make_post().author


def test_fingerprint_tells_versions_apart(make_post: Callable[..., Post]) -> None:
    """Equal content has an equal fingerprint and version; another text or time of edit has another."""
    post = make_post()
    assert marked(post)[1] == marked(replace(post, counts=Counts(), lang="sv"))[1]
    assert marked(post)[1] != marked(replace(post, text="toinen"))[1]
    assert len({version(post), version(replace(post, text="toinen")), version(replace(post, edited_at=NOW))}) == 3
