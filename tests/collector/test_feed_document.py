"""Feeds in every condition as entries and posts."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest

from collector.feed_document import Entry, Feed, FeedError, read_feed, without_entities
from collector.feed_post import Watched, as_post
from corpus.post import Post
from programme.types import Localised, Programme, Project
from tests.collector.payloads import expected, payload, readable

NOW = datetime(2026, 11, 21, tzinfo=UTC)
WATCHED = Watched(("tulevaisuudenkunta",), ())
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>Keksitty</title>{}</channel></rss>'
DATE = "<pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate>"
ITEM = f"<item><guid>urn:1</guid><title>#tulevaisuudenkunta</title>{DATE}{{}}</item>"


def posts_of(feed: Feed, watched: Watched, address: str = "https://kunta.example/feed") -> Iterator[Post | str]:
    """Yield the posts of a feed, and why others are none."""
    for entry in feed.entries:
        try:
            post = as_post(entry, feed, watched, address=address, now=NOW, text_limit=25_000)
        except ValueError as error:
            yield str(error)
        else:
            if post is not None:
                yield post


def the_post(items: str, address: str = "https://kunta.example/feed") -> Post | str:
    """Return the only post of a feed."""
    (post,) = posts_of(read_feed(RSS.format(items).encode(), {}, address), WATCHED, address)
    return post


def found_in(title: str, programme: Programme) -> str | None:
    """Return how an entry of that title comes in."""
    feed = read_feed(RSS.format(ITEM).encode(), {}, "https://kunta.example/feed")
    entry = replace(feed.entries[0], title=title)
    post = as_post(entry, feed, Watched.of(programme), address="", now=NOW, text_limit=100)
    return post and post.via


def test_feeds_mean_their_posts(programme: Programme) -> None:
    """The invented feeds give the expected posts: text without markup, names, categories, dates, links."""
    found: list[dict[str, object]] = []
    rejected = []
    for name, address in (("rss", "https://koivuranta.example/rss.xml"), ("atom", "https://granholm.example/feed")):
        feed = read_feed(payload(f"feed/{name}.xml"), {"content-type": "application/xml"}, address)
        for post in posts_of(feed, Watched.of(programme)):
            if isinstance(post, str):
                rejected.append(post)
            else:
                found.append({"via": post.via, **readable(post)})
    assert found == expected("feed")
    assert rejected == ["created_at is missing"]


@pytest.mark.parametrize(
    ("title", "via"),
    [
        ("Kunnat 2021 -kehittämisohjelma", "word"),
        ("Ohjelma Kunnat 2021:n tuloksia", "word"),
        ("Kunnat säästävät", None),
        ("Vuonna 2021 kunnat", None),
        ("Tulevaisuuden kunnassa", "word"),
        ("TULEVAISUUDEN KUNTIA", "word"),
        ("Tulevaisuuden kaupunki", None),
        ("Framtidens kommuner", "word"),
        ("Framtidens kommunikation", None),
        ("Kyläpajassa puhuttiin", "word"),
        ("#KyläPaja", "word"),
        ("Kylä pajassa", None),
        ("KLAB:n kokous", "word"),
        ("KLABORATORIO", None),
        ("x #TulevaisuudenKunta", "hashtag"),
        ("x #tulevaisuudenkuntaan", None),
        ("", None),
    ],
)
def test_names_and_words_are_found_in_their_forms(programme: Programme, title: str, via: str | None) -> None:
    """The programme's names and its projects' words are found inflected, and nothing that only looks like them."""
    project = Project(
        slug="kylapaja", kind="project", themes=(), name=Localised({"fi": "Kyläpaja"}), words=("#kyläpaja", "KLAB", "-")
    )
    assert found_in(title, replace(programme, projects=(project,))) == via


@pytest.mark.parametrize(
    ("items", "native_id"),
    [
        pytest.param(ITEM, "urn:1", id="id"),
        pytest.param(ITEM.replace("<guid>urn:1", '<guid isPermaLink="false">17'), "kunta.example/17", id="number"),
        pytest.param(
            ITEM.replace("<guid>urn:1</guid>", "<link>https://kunta.example/a</link>"),
            "https://kunta.example/a",
            id="link",
        ),
        pytest.param(ITEM.replace("<guid>urn:1</guid>", ""), None, id="neither"),
    ],
)
def test_identity_is_the_id_else_the_link(items: str, native_id: str | None) -> None:
    """An entry is known by its id, else its link; without either it is kept aside."""
    post = the_post(items.replace("{}", ""))
    assert (post.native_id if isinstance(post, Post) else post) == (native_id or "neither id nor link is there")


@pytest.mark.parametrize(
    ("date", "told"),
    [
        pytest.param("", "created_at is missing", id="none"),
        pytest.param("<pubDate>eilen</pubDate>", "created_at is no time: 'eilen'", id="words"),
        pytest.param("<pubDate>Fri, 20 Nov 1970 08:00:00 GMT</pubDate>", "created_at is before 1990", id="absurd"),
        pytest.param("<pubDate>Fri, 27 Nov 2026 08:00:00 GMT</pubDate>", "created_at is more than a day", id="future"),
    ],
)
def test_entry_without_a_usable_date_is_rejected(date: str, told: str) -> None:
    """The reason says what is wrong with the date."""
    post = the_post(f"<item><guid>urn:1</guid><title>#tulevaisuudenkunta</title>{date}</item>")
    assert isinstance(post, str)
    assert post.startswith(told)


def test_site_is_named_by_the_address_where_the_feed_does_not() -> None:
    """Without a link of its own a feed's site is the host of its address."""
    post = the_post(ITEM.format(""), "https://www.Toinen.example/feed?x=1")
    assert isinstance(post, Post)
    assert post.author is not None
    assert (post.author.handle, post.author.name) == ("toinen.example", "Keksitty")
    assert isinstance(broken := the_post("<link>http://[</link>" + ITEM.format("")), Post)
    assert broken.author is not None
    assert broken.author.handle == "kunta.example"
    assert isinstance(nameless := the_post(ITEM.format(""), "feed"), Post)
    assert nameless.author is not None
    assert nameless.author.handle == "feed"


def test_long_text_is_cut_and_noted() -> None:
    """Of a text beyond the limit the beginning is kept, and how long it was."""
    feed = read_feed(RSS.format(ITEM.format("")).encode(), {}, "https://kunta.example/feed")
    post = as_post(feed.entries[0], feed, WATCHED, address="", now=NOW, text_limit=5)
    assert post is not None
    assert (post.text, post.cut_from) == ("#tule", 19)


def test_lone_surrogate_can_be_stored() -> None:
    """Half a character, which a feed can name by number, becomes U+FFFD."""
    post = the_post(
        ITEM.format("<description>&undefined; &#xD800; &#56320; &#0; &#9999999999; &#x41; &#66;</description>")
    )
    assert isinstance(post, Post)
    assert "\ufffd \ufffd \ufffd \ufffd A B" in (post.text or "")


def test_feed_without_its_last_sign_is_read() -> None:
    """A feed that lacks the last sign of its end is read; one that lacks more breaks off."""
    whole = RSS.format(ITEM.format("")).encode()
    assert len(read_feed(whole[:-1], {}, "https://kunta.example/feed").entries) == 1
    with pytest.raises(FeedError, match="breaks off"):
        read_feed(whole[:-20], {}, "https://kunta.example/feed")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<html><title>x</title></html>", b"/etc/passwd", b"http://127.0.0.1:1/", b"\0\xff"]
)
def test_what_is_no_feed_is_told(body: bytes) -> None:
    """Other answers are told from feeds; nothing that looks like a path or an address is opened."""
    with pytest.raises(FeedError):
        read_feed(body, {}, "https://kunta.example/feed")


def _nested_entities() -> str:
    names = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{"".join(names)}]><rss><channel><title>&a9;</title></channel></rss>'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(_nested_entities().encode(), id="nested-entities"),
        pytest.param(_nested_entities().encode("utf-16"), id="nested-entities-utf16"),
        pytest.param(b"<!ENTITY " * 50_000, id="declarations-without-end"),
        pytest.param(
            f'<!DOCTYPE x [<!ENTITY a "{"A" * 100_000}">]><rss><channel><title>{"&a;" * 30_000}</title>'.encode(),
            id="long-entity",
        ),
        pytest.param(RSS.format("<a>" * 60_000 + "</a>" * 60_000).encode(), id="deep"),
        pytest.param(
            RSS.format("<item " + " ".join(f'a{n}=""' for n in range(60_000)) + "/>").encode(), id="attributes"
        ),
        pytest.param(RSS.format('<item xml:base="a/">' * 20_000).encode(), id="unclosed"),
    ],
)
@pytest.mark.fault("F15", how="entities, depth, attributes, unclosed tags")
def test_bomb_costs_no_more_than_it_may(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a feed is made of, it is given up within its time."""
    monkeypatch.setattr("collector.feed_document.LONGEST", 0.2)
    began_at = process_time()
    try:
        feed = read_feed(body, {}, "https://kunta.example/feed")
    except FeedError:
        feed = Feed(title=None, link=None, language=None, entries=())
    assert process_time() - began_at < 1
    assert len(feed.title or "") < 200_000


def test_declarations_are_taken_out() -> None:
    """Declarations of entities go, what stands around them stays."""
    assert without_entities(b'a<!ENTITY x "y">b<!ENTITY z') == b"ab"


def entries_of(entry: Entry) -> Entry:
    """Return an entry that is ours, so that all of it is read."""
    return replace(entry, title=f"{entry.title} #tulevaisuudenkunta")


@pytest.mark.parametrize(
    "step", [pytest.param(20, id="sample"), pytest.param(1, id="all", marks=pytest.mark.everything)]
)
def test_suites_of_other_readers_are_read(test_data: Path, step: int) -> None:
    """Every file of the feedparser and validator suites becomes posts, reasons, or an answer that is no feed."""
    read = refused = 0
    for suite in ("feedparser_tests", "feedvalidator_testcases"):
        with zipfile.ZipFile(test_data / "feeds_rss_atom" / f"{suite}.zip") as archive:
            for name in [name for name in archive.namelist() if not name.endswith("/")][::step]:
                try:
                    feed = read_feed(archive.read(name), {}, "https://kunta.example/feed")
                except FeedError:
                    refused += 1
                    continue
                list(posts_of(replace(feed, entries=tuple(map(entries_of, feed.entries))), WATCHED))
                read += 1
    assert read > 9 * refused
