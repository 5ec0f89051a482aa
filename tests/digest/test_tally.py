"""Counting posts: each text once, whatever the order."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.post import Author, ClassifiedPost, Label, Post, Prediction, StoredPost
from digest.tally import copy_count, discussions, found_by, key_of, languages, standing, tally, writers

AT = datetime(2026, 11, 17, tzinfo=UTC)
SLUGS = ("participation", "models")


def classified(native_id: str, **changes: Any) -> ClassifiedPost:  # noqa: ANN401 - any field of the carrier
    """Return a judged post."""
    theme = changes.pop("theme", "participation")
    joined = changes.pop("joined", None)
    cluster, author = changes.pop("cluster", None), changes.pop("author", native_id)
    labels = tuple(Label(theme=one, by="ab", at=AT) for one in changes.pop("labels", ()))
    fields: dict[str, Any] = {
        "network": "mastodon",
        "native_id": native_id,
        "author": Author(native_id=author, handle=author, name=author) if author else None,
        "text": f"text {native_id}",
        "created_at": AT,
        "via": "hashtag",
    }
    post = Post(**(fields | changes))
    stored = StoredPost(
        post=post,
        post_id=1,
        source=post.network,
        first_seen_at=AT,
        last_seen_at=AT,
        lang="fi",
        cluster=cluster,
        discussion=joined,
    )
    prediction = Prediction(
        model="m", lang="fi", theme=theme, themes=(), confidence=0.8, scores={"participation": 0.8, "models": 0.2}
    )
    return ClassifiedPost(stored=stored, prediction=prediction, labels=labels)


def test_one_text_from_many_accounts_counts_once() -> None:
    """Posts of one cluster are one post; the others are extra copies."""
    posts = [classified(str(n), cluster="0", author=f"a{n}") for n in range(27)] + [classified("else")]
    week = tally(posts)
    assert len(week.posts) == 2
    assert copy_count(week, None).extra == 26
    assert copy_count(week, None).accounts == 27
    assert copy_count(week, None).texts == 1


def test_a_repost_is_a_copy_of_its_original() -> None:
    """A repost counts with the post that it repeats, also where that was collected as one of several copies."""
    week = tally([classified("1", cluster="1"), classified("2", cluster="1"), classified("3", repost_of="1")])
    assert [key_of(post.stored.post) for post in week.posts] == ["mastodon:1"]
    assert week.extra == 2


def test_reposts_of_something_never_collected_count_once() -> None:
    """Two reposts of the same unknown post are one text."""
    assert len(tally([classified("2", repost_of="1"), classified("3", repost_of="1")]).posts) == 1


def test_a_label_on_one_copy_speaks_for_all() -> None:
    """The labelled copy stands for the text, although another is older."""
    older = classified("1", cluster="1", created_at=AT - timedelta(hours=1))
    week = tally([older, classified("2", cluster="1", labels=["models"])])
    assert [standing(post, SLUGS) for post in week.posts] == ["models"]


def test_deleted_posts_do_not_count() -> None:
    """Numbers tell what is public now; a text that may not be stored still counts."""
    posts = [classified(kind, text=None, gone=kind) for kind in ("deleted", "erased", "opted_out", "expired")]
    assert len(tally(posts).posts) == 2


def test_an_unknown_theme_counts_as_unclear() -> None:
    """A label from another programme cannot break the sum of the table."""
    assert standing(classified("1", labels=["elsewhere"]), SLUGS) == "unsure"
    assert standing(classified("1", labels=[None]), SLUGS) == "none"


def test_a_discussion_needs_two_writers() -> None:
    """One person's thread is no discussion; another's post makes it one, also from another network."""
    alone = [classified("1", author="a", joined="x:1"), classified("2", author="a", joined="x:1")]
    assert discussions(alone) == []
    answered = [*alone, classified("3", author="b", network="x", joined="x:1"), classified("4", author="c")]
    assert [len(thread) for thread in discussions(answered)] == [3]
    told = [classified("5", author="a", joined="x:5"), classified("6", author="b", joined="x:5")]
    assert [len(thread) for thread in discussions([*told, *answered])] == [3, 2]


def test_how_posts_were_found_and_spoken() -> None:
    """Feeds are a way of their own; languages come most first, the unknown among them."""
    posts = [classified("1"), classified("2", network="feed", via="account"), classified("3", via="thread")]
    assert found_by(posts) == {"feed": 1, "hashtag": 1, "thread": 1}
    assert languages(posts) == {"fi": 3}


def test_posts_without_an_author_are_writers_of_their_own() -> None:
    """Nobody is counted away because a network hides who wrote."""
    assert writers([classified("1", author=None), classified("2", author=None)]) == 2


POSTS = st.lists(
    st.builds(
        classified,
        st.integers(0, 12).map(str),
        network=st.sampled_from(["x", "mastodon"]),
        cluster=st.sampled_from([None, "1", "2"]),
        author=st.sampled_from(["a", "b", None]),
        joined=st.sampled_from([None, "x:1", "x:2"]),
        repost_of=st.none() | st.integers(0, 12).map(str),
        gone=st.sampled_from([None, "deleted"]),
    ),
    max_size=14,
    unique_by=lambda post: key_of(post.stored.post),
)


@settings(max_examples=30, deadline=None)
@given(posts=POSTS, seed=st.integers(0, 9))
def test_the_order_of_posts_never_matters(posts: list[ClassifiedPost], seed: int) -> None:
    """Any arrival order gives the same posts, copies and discussions; every public post is counted or a copy."""
    mixed = posts[:]
    random.Random(seed).shuffle(mixed)
    one, other = tally(posts), tally(mixed)
    assert one == other
    assert discussions(one.posts) == discussions(tuple(reversed(other.posts)))
    assert len(one.posts) + one.extra == sum(post.stored.post.gone is None for post in posts)
