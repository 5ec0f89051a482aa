"""The rule of what is one discussion, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.canonical import canonical_link
from corpus.discussion import LONGEST, MOST_LINKS, MOST_POSTS, REST, in_thread_order, partition, runs, shared_links
from corpus.instants import to_micros
from corpus.post import Author, Post

AT = datetime(2026, 11, 17, tzinfo=UTC)
STORY = "https://lehti.example/uutiset/kirjasto"


def told(native_id: str, *, network: str = "mastodon", hours: float = 0, **changes: Any) -> Post:  # noqa: ANN401 - any field
    """Return an invented post, by default a lone one."""
    fields: dict[str, Any] = {
        "network": network,
        "native_id": native_id,
        "author": Author(native_id=native_id, handle=None, name=None),
        "text": f"viesti {native_id}",
        "created_at": AT + timedelta(hours=hours),
        "via": "hashtag",
    }
    return Post(**(fields | changes))


def joined(*posts: Post) -> list[set[str]]:
    """Return the discussions of the posts, the earliest first, each by its posts' ids."""
    micros = {(post.network, post.native_id): to_micros(post.created_at) for post in posts}
    groups: dict[tuple[str, str], set[str]] = {}
    for (_, native_id), first in partition(posts, micros).items():
        groups.setdefault(first, set()).add(native_id)
    return [groups[first] for first in sorted(groups, key=lambda first: (micros[first], first))]


def test_answers_quotes_and_conversations_are_one_discussion() -> None:
    """A post belongs to what it answers, quotes or repeats, and to its network's conversation."""
    posts = [
        told("1"),
        told("2", hours=1, reply_to="1"),
        told("3", hours=2, quote_of="2"),
        told("4", hours=3, repost_of="3"),
        told("5", hours=4, discussion="1"),
        told("6", hours=5),
    ]
    assert joined(*posts) == [{"1", "2", "3", "4", "5"}, {"6"}]


def test_answers_to_an_absent_post_are_one_discussion() -> None:
    """What answers or quotes the same post belongs together although nobody collected it, within its network."""
    posts = [told("2", reply_to="1"), told("3", hours=1, quote_of="1"), told("4", network="x", reply_to="1")]
    assert joined(*posts) == [{"2", "3"}, {"4"}]


def test_a_tombstone_keeps_the_thread_and_shares_no_link() -> None:
    """A deleted post still holds its thread together, and no longer joins it to a story."""
    story = told("9", network="feed", url=STORY)
    kept = told("1", hours=1, links=(STORY,))
    answer = told("2", hours=2, reply_to="1")
    assert joined(story, kept, answer) == [{"9", "1", "2"}]
    assert joined(story, told("1", hours=1, gone="deleted", text=None), answer) == [{"9"}, {"1", "2"}]


def test_a_shared_story_joins_networks() -> None:
    """Posts on three networks and the feed's own entry are one discussion where they link one story."""
    posts = [
        told(
            "1", network="feed", url=f"{STORY}?utm_source=rss", links=("https://muu.example/uutiset/aivan-muu-juttu",)
        ),
        told("2", hours=1, links=("http://www.lehti.example/uutiset/kirjasto/?fbclid=abc#kommentit",)),
        told("3", network="x", hours=2, links=(STORY,)),
        told("4", network="x", hours=2, links=("https://muu.example/uutiset/aivan-muu-juttu",)),
    ]
    assert joined(*posts) == [{"1", "2", "3"}, {"4"}]


def test_a_list_of_many_stories_joins_none() -> None:
    """A round-up of the week's news does not make one discussion of all of it."""
    stories = [f"https://lehti.example/uutiset/{n}" for n in range(MOST_LINKS + 1)]
    shares = [told(str(n), hours=n, links=(story,)) for n, story in enumerate(stories)]
    assert len(joined(*shares, told("all", links=tuple(stories)))) == len(stories) + 1
    assert len(joined(*shares, told("some", links=tuple(stories[1:])))) == 2


def test_a_repost_shares_nothing_of_its_own() -> None:
    """A late repost does not take its original's story up anew."""
    assert shared_links("x", None, (STORY,), gone=False, repost_of="1") == ()
    assert shared_links("x", None, (STORY,), gone=False, repost_of=None) == ("lehti.example/uutiset/kirjasto",)


def days(*numbers: float) -> list[tuple[int, int]]:
    """Return posts with one link, created on these days."""
    return [(to_micros(AT + timedelta(days=number)), place) for place, number in enumerate(numbers)]


@pytest.mark.parametrize(
    ("shared", "groups"),
    [
        pytest.param(days(0), [], id="one-post"),
        pytest.param(days(0, 1, 7.5), [[0, 1, 2]], id="days-apart"),
        pytest.param(days(0, 1, 8.5, 9), [[0, 1], [2, 3]], id="taken-up-anew"),
        pytest.param(days(0, 30, 60), [], id="each-alone"),
        pytest.param(days(*range(0, 29, 4)), [list(range(8))], id="just-a-story"),
        pytest.param(days(*range(0, 33, 4)), [], id="linked-for-too-long"),
        pytest.param(days(*range(0, 33, 4), 100, 101), [[9, 10]], id="a-place-and-later-a-story"),
        pytest.param(days(*[0.001 * n for n in range(MOST_POSTS)]), [list(range(MOST_POSTS))], id="many"),
        pytest.param(days(*[0.001 * n for n in range(MOST_POSTS + 1)]), [], id="too-many"),
    ],
)
def test_a_link_joins_within_days(shared: list[tuple[int, int]], groups: list[list[int]]) -> None:
    """A story joins who link it within days of one another; a place that is linked for weeks on end joins nobody."""
    assert (timedelta(days=7), timedelta(days=28)) == (REST, LONGEST)
    assert runs(reversed(shared)) == groups


@pytest.mark.parametrize(
    "address",
    [
        "http://lehti.example/uutiset/kirjasto",
        "https://www.lehti.example/uutiset/kirjasto/",
        "https://LEHTI.example:443/uutiset/kirjasto?utm_source=x&utm_medium=social&fbclid=1&gclid=2&mc_cid=3",
        "https://lehti.example/uutiset/kirjasto#kommentit",
        "https://lehti.example/uutiset/kirjasto/amp/",
        "https://lehti.example/uutiset/kirjasto?amp=1",
        "https://www.google.com/amp/s/lehti.example/uutiset/kirjasto",
        "https://lehti-example.cdn.ampproject.org/c/s/lehti.example/uutiset/kirjasto",
        "https://lehti.example/uutiset/%6Birjasto",
        "https://lehti.example/uutiset/kirjasto/index.html",
        " https://lehti.example/uutiset/kirjasto ",
    ],
)
def test_ways_to_pass_a_story_on_are_one(address: str) -> None:
    """Scheme, www, port, fragment, tracking, trailing slash and AMP make no other story."""
    assert canonical_link(address) == "lehti.example/uutiset/kirjasto"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://lehti.example/?p=123", "lehti.example?p=123"),
        ("https://lehti.example/juttu?id=7&utm_campaign=a&alku=2", "lehti.example/juttu?alku=2&id=7"),
        ("https://lehti.example/art-2000012345678.html", "lehti.example/art-2000012345678.html"),
        ("https://twitter.com/kunta/status/19?s=20", "x.com/i/status/19"),
        ("https://x.com/i/web/status/19/photo/1", "x.com/i/status/19"),
        ("https://youtu.be/abc?t=5", "youtube.com/watch?v=abc"),
        ("https://m.youtube.com/watch?v=abc&feature=share", "youtube.com/watch?v=abc"),
        ("https://fi.m.wikipedia.org/wiki/Kunta", "fi.wikipedia.org/wiki/Kunta"),
        ("https://kunta.example/fi/uutiset/valtuusto", "kunta.example/fi/uutiset/valtuusto"),
        ("https://mobile.muu.example/uutiset/valtuusto", "mobile.muu.example/uutiset/valtuusto"),
    ],
)
def test_what_tells_stories_apart_stays(address: str, expected: str) -> None:
    """Parameters that lead elsewhere stay, in one order; hosts for small screens are one with the large where known."""
    assert canonical_link(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "https://kunta.example",
        "https://www.kunta.example/?utm_source=x",
        "https://kunta.example/fi/",
        "https://kunta.example/fi/index.html",
        "https://kunta.example/tulevaisuudenkunta",
        "https://kunta.example/fi/etusivu.html",
        "https://x.com/kunta2021",
        "https://www.facebook.com/Espoo12345",
        "https://mastodon.example/@koivu",
        "https://mastodon.example/users/koivu",
        "https://bsky.app/profile/koivu.example",
        "https://www.linkedin.com/company/kunta",
        "https://x.com/hashtag/tulevaisuudenkunta?src=hash",
        "https://x.com/search?q=kunta&lang=fi",
        "https://kunta.example/haku?q=kirjasto&luokka=2",
        "https://kunta.example/#/uutiset/7",
        "https://intranet/uutiset/kirjasto",
        "mailto:kirjaamo@kunta.example",
        "https://bit.ly/3abcDE",
        "",
        "https://lehti.example/" + "a/" * 3_000,
    ],
)
def test_what_is_no_story_joins_nobody(address: str) -> None:
    """Front pages, sections, profiles, tags, searches and what is no address have no canonical form."""
    assert canonical_link(address) is None


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=40)
    | st.from_regex(r"https?://[a-z.]{1,12}(/[a-z0-9%-]{0,8}){0,4}(\?[a-z=&]{0,12})?", fullmatch=True)
)
@example("HTTP://.0/00000%09")
def test_a_canonical_link_is_its_own(address: str) -> None:
    """Whatever is written, taking the canonical form twice changes nothing more."""
    once = canonical_link(address)
    assert once is None or canonical_link(f"https://{once}") in (once, None)


def test_a_discussion_is_read_in_the_order_of_its_thread() -> None:
    """Answers and quotes stand below what they answer, beside one another by time; joined threads follow by time."""
    posts = [
        told("3", hours=2, reply_to="1"),
        told("1"),
        told("4", hours=4, reply_to="2"),
        told("2", hours=1, reply_to="1"),
        told("7", hours=5, network="x", links=(STORY,)),
        told("5", hours=3, quote_of="2"),
        told("8", hours=6, network="x", reply_to="absent", discussion="7"),
    ]
    ordered = [(depth, post.native_id) for depth, post in in_thread_order(posts)]
    assert ordered == [(0, "1"), (1, "2"), (2, "5"), (2, "4"), (1, "3"), (0, "7"), (1, "8")]


def test_a_circle_of_false_ids_is_read_once() -> None:
    """Posts that claim to answer each other are all shown, each once."""
    posts = [told("1", reply_to="2"), told("2", hours=1, reply_to="1")]
    assert [(depth, post.native_id) for depth, post in in_thread_order(posts)] == [(0, "1"), (1, "2")]
