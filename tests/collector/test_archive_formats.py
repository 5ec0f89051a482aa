"""Archives of JSON: X v1.1, Mastodon and Bluesky, each in all its shapes, named or found out by content."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collector.archive.formats import format_of
from corpus.post import Author, Counts
from corpus.store import Corpus
from programme.types import Programme
from tests.collector.archives import Bring, bring_into, posts_of, reasons_of, rejects_of
from tests.collector.payloads import expected, payload, readable


@pytest.fixture
def bring(one_corpus: Corpus, watched: Programme, tmp_path: Path) -> Bring:
    """Import a content into the corpus."""
    return bring_into(one_corpus, watched, tmp_path)


def _lines(values: list[Any]) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


_V1 = json.loads(payload("archives/search_v1.json"))
_SHAPES_OF_X = {
    "page": payload("archives/search_v1.json"),
    "pages-as-lines": _lines([_V1]),
    "list": json.dumps(_V1["statuses"]).encode(),
    "lines": _lines(_V1["statuses"]),
    "recorded": json.dumps({"url": "u", "status": 200, "body": json.dumps(_V1)}).encode(),
    "conversation": json.dumps(
        {"interactions": [{"request": {"body": None}, "response": {"body": {"string": json.dumps(_V1)}}}]}
    ).encode(),
}


@pytest.mark.parametrize("name", ["x-v1", "auto"])
@pytest.mark.parametrize("shape", _SHAPES_OF_X)
def test_every_shape_of_x_v1_gives_the_same_posts(bring: Bring, one_corpus: Corpus, shape: str, name: str) -> None:
    """Pages, lists, lines and recorded answers hold three posts; what they quote or repost is named, not stored."""
    found = bring(_SHAPES_OF_X[shape], format=name)
    assert (found.read, found.inserted, found.rejected) == (3, 3, 0)
    posts = posts_of(one_corpus)
    first, repost, reply = posts["1990000000000000501"], posts["1990000000000000602"], posts["603"]
    assert (first.text or "").endswith("kouluista #TulevaisuudenKunta https://t.co/a")
    assert (first.hashtags, first.links) == (("tulevaisuudenkunta",), ("https://koivuranta.example/ilta",))
    assert first.author == Author(native_id="40000000000000101", handle="koivuranta", name="Koivurannan kunta")
    assert first.counts == Counts(replies=1, reposts=2, likes=5)
    assert first.created_at == datetime(2026, 11, 16, 8, tzinfo=UTC)
    assert first.url == "https://x.com/koivuranta/status/1990000000000000501"
    assert (repost.repost_of, repost.quote_of) == ("1990000000000000501", None)
    assert (reply.reply_to, reply.quote_of, reply.lang) == ("1990000000000000501", "88", "sv")
    assert reply.created_at == datetime(2026, 11, 16, 8, tzinfo=UTC)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_archive_of_ones_own_account(bring: Bring, one_corpus: Corpus, pack: Any) -> None:  # noqa: ANN401  # a function
    """``tweets.js``, which begins like a program, holds posts without their author; edits are one post."""
    found = bring(pack(payload("archives/tweets.js")))
    assert (found.inserted, found.rejected) == (2, 0)
    edited = posts_of(one_corpus)["1990000000000000001"]
    assert (edited.author, edited.counts) == (None, Counts(reposts=1, likes=3))
    assert edited.edited_at == datetime(2025, 11, 16, 8, 47, 14, tzinfo=UTC)
    assert edited.url == "https://x.com/i/web/status/1990000000100000002"


def test_archive_of_ones_own_account_on_one_line(bring: Bring) -> None:
    """The same on one line, or with its beginning on a line of its own, holds the same posts."""
    whole = payload("archives/tweets.js").decode()
    one_line = " ".join(whole.split())
    assert bring(one_line).inserted == 2
    assert bring(whole.replace("= [", "=\n[")).skipped == 2


def test_website_posts_of_zeeschuimer(bring: Bring, one_corpus: Corpus) -> None:
    """Zeeschuimer's lines and 4CAT's NDJSON hold long texts, views, authors old and new, and reposts."""
    found = bring(payload("archives/zeeschuimer.ndjson"))
    assert (found.inserted, found.rejected) == (2, 0)
    posts = posts_of(one_corpus)
    assert posts["700"].text == "Pitkä viesti kokonaan #tulevaisuudenkunta"
    assert posts["700"].counts == Counts(replies=2, reposts=1, likes=4, views=41)
    assert posts["700"].author == Author(native_id="502", handle="asukas", name="Keksitty Asukas")
    assert (posts["701"].repost_of, posts["701"].discussion) == ("700", "701")


@pytest.mark.parametrize(
    ("record", "reason", "is_kept"),
    [
        pytest.param({"dmConversation": {"messages": ["Salaisuus"]}}, "a direct message", False, id="messages"),
        pytest.param(
            {"type": "message_create", "id": "1", "message_create": {}}, "a direct message", False, id="event"
        ),
        pytest.param({"delete": {"status": {"id_str": "1"}}}, "notice that a post was deleted", True, id="deletion"),
        pytest.param({"id_str": "1", "screen_name": "a"}, "records of id_str, screen_name", True, id="account"),
        pytest.param({"id_str": "1", "text": "a", "created_at": "2026"}, "not as API v1.1", True, id="date"),
        pytest.param({"id_str": "1", "text": "a"}, "created_at is missing", True, id="no-date"),
        pytest.param({"id_str": "1", "text": 5}, "not as it should be", True, id="type"),
        pytest.param(
            {"id_str": "1", "text": "Salaisuus", "user": {"protected": True}}, "is protected", False, id="protected"
        ),
        pytest.param(
            {"full_text": "a", "created_at": "Mon Nov 16 08:00:00 +0000 2026"}, "id is missing", True, id="id"
        ),
    ],
)
def test_x_v1_rejects(bring: Bring, record: dict[str, Any], reason: str, *, is_kept: bool) -> None:
    """What is no public post says why; of what was meant for few no copy is kept."""
    found = bring(_lines([record]), format="x-v1")
    assert reason in reasons_of(found)[0]
    assert bool(rejects_of(found)[0]["record"]) is is_kept


_TIMELINE = json.loads(payload("mastodon/timeline.json"))
_SHAPES_OF_MASTODON = {
    "list": payload("mastodon/timeline.json"),
    "lines": _lines(_TIMELINE),
    "search": json.dumps({"accounts": [], "statuses": _TIMELINE, "hashtags": []}).encode(),
    "context": json.dumps({"ancestors": _TIMELINE[:2], "descendants": _TIMELINE[2:]}).encode(),
}


@pytest.mark.parametrize("name", ["mastodon", "auto"])
@pytest.mark.parametrize("shape", _SHAPES_OF_MASTODON)
def test_every_shape_of_mastodon_gives_the_same_posts(bring: Bring, one_corpus: Corpus, shape: str, name: str) -> None:
    """Statuses mean the same posts as live; an archive may also hold posts without the hashtag."""
    found = bring(_SHAPES_OF_MASTODON[shape], format=name)
    assert found.rejected > 0
    stored = posts_of(one_corpus)
    for post in expected("mastodon"):
        told = readable(stored[post["native_id"]])
        assert told.pop("reply_to", None) in (None, post.pop("reply_to", None))
        assert {key: told.get(key) for key in ("text", "hashtags", "created_at", "gone")} == {
            key: post.get(key) for key in ("text", "hashtags", "created_at", "gone")
        }
    assert {post.via for post in stored.values()} == {"import"}
    assert all(not one["record"] for one in rejects_of(found) if "not public" in one["reason"])


def test_reply_knows_its_parent_from_the_same_file(bring: Bring, one_corpus: Corpus) -> None:
    """A server's own id of a parent becomes its address where the file held it before."""
    status = {"created_at": "2026-11-16T08:00:00.000Z", "content": "<p>Keksitty</p>", "visibility": "public"}
    parent = {**status, "id": "1", "uri": "https://kylat.example/users/a/statuses/1"}
    reply = {**status, "id": "2", "uri": "https://kylat.example/users/b/statuses/2", "in_reply_to_id": "1"}
    assert bring(_lines([parent, reply])).inserted == 2
    assert posts_of(one_corpus)[reply["uri"]].reply_to == parent["uri"]


def test_mastodon_forgets_the_oldest_addresses(
    bring: Bring, one_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file of any size only so many addresses are remembered."""
    monkeypatch.setattr("collector.archive.mastodon._REMEMBERED", 1)
    status = {"created_at": "2026-11-16T08:00:00.000Z", "content": "<p>Keksitty</p>", "visibility": "public"}
    statuses = [{**status, "id": str(n), "uri": f"https://kylat.example/{n}"} for n in range(3)]
    statuses.append({**status, "id": "9", "uri": "https://kylat.example/9", "in_reply_to_id": "0"})
    assert bring(_lines(statuses)).inserted == 4
    assert posts_of(one_corpus)["https://kylat.example/9"].reply_to is None


@pytest.mark.parametrize("name", ["mastodon", "auto"])
@pytest.mark.parametrize("shape", ["whole", "lines"])
def test_outbox_of_an_account(bring: Bring, one_corpus: Corpus, shape: str, name: str) -> None:
    """An account's export holds its public texts as the API would give them; boosts have no text there."""
    whole = payload("archives/outbox.json")
    items = json.loads(whole)["orderedItems"]
    found = bring(whole if shape == "whole" else _lines(items), format=name)
    assert (found.read, found.inserted, found.rejected) == (6, 2, 4)
    posts = posts_of(one_corpus)
    note = posts["https://kylat.example/users/asukas/statuses/1"]
    assert note.text == "Kokous\n\nHyvä kokous #TulevaisuudenKunta koivuranta.example/ilta"
    assert note.author == Author(native_id="https://kylat.example/@asukas", handle="asukas@kylat.example", name=None)
    assert (note.hashtags, note.links) == (("tulevaisuudenkunta",), ("https://koivuranta.example/ilta",))
    assert note.reply_to == "https://toinen.example/users/kunta/statuses/9"
    assert note.quote_of == "https://toinen.example/users/kunta/statuses/8"
    assert (note.lang, note.edited_at) == ("fi", datetime(2026, 11, 16, 8, 30, tzinfo=UTC))
    question = posts["https://kylat.example/ap/users/115/statuses/4"]
    assert question.author is not None
    assert (question.author.handle, question.lang) == ("asukas@kylat.example", "sv")
    assert [reason.partition(":")[0] for reason in reasons_of(found)] == [
        "the status is not public",
        "a boost",
        "an activity that brings no post",
        "an activity about something else than a post",
    ]
    assert "Salaisuus" not in json.dumps(rejects_of(found))


def test_bare_notes_and_strange_ones(bring: Bring, one_corpus: Corpus) -> None:
    """A note alone is read, with addresses as objects; one without an author or with strange tags, too."""
    note = {
        "type": "Note",
        "id": "https://kylat.example/n/1",
        "published": "2026-11-16T08:00:00Z",
        "content": "<p>Keksitty</p>",
        "to": [{"id": "as:Public"}, 5],
        "attributedTo": "https://kylat.example/users/a",
        "tag": {"type": "Hashtag", "name": "#Yksi"},
    }
    other = {**note, "id": "https://kylat.example/n/2", "attributedTo": None, "tag": [{"type": "Hashtag"}, 7]}
    assert bring(_lines([note, other])).inserted == 2
    posts = posts_of(one_corpus)
    assert posts[str(note["id"])].hashtags == ("yksi",)
    assert posts[str(other["id"])].author is None


def test_conversations_are_not_kept(bring: Bring) -> None:
    """What holds statuses that were meant for few is rejected without a copy."""
    conversation = {"id": "1", "accounts": [], "last_status": {"content": "Salaisuus", "visibility": "direct"}}
    found = bring(_lines([conversation, {"id": "1", "acct": "a"}]), format="mastodon")
    assert [bool(one["record"]) for one in rejects_of(found)] == [False, True]


_PAGE = json.loads(payload("archives/search_posts.json"))
_SHAPES_OF_BLUESKY = {
    "page": payload("archives/search_posts.json"),
    "lines": _lines(_PAGE["posts"]),
    "feed": json.dumps({"feed": [{"post": one, "reply": {"parent": {"x": 1}}} for one in _PAGE["posts"]]}).encode(),
    "feed-items": _lines([{"post": one} for one in _PAGE["posts"]]),
    "thread": json.dumps(
        {
            "thread": {
                "post": _PAGE["posts"][0],
                "parent": {"post": _PAGE["posts"][1], "parent": None},
                "replies": [{"post": _PAGE["posts"][2], "replies": []}],
            }
        }
    ).encode(),
}


@pytest.mark.parametrize("name", ["bluesky", "auto"])
@pytest.mark.parametrize("shape", _SHAPES_OF_BLUESKY)
def test_every_shape_of_bluesky_gives_the_same_posts(bring: Bring, one_corpus: Corpus, shape: str, name: str) -> None:
    """Pages, feeds, threads and lines hold three posts; offsets are bytes, false times the server's."""
    found = bring(_SHAPES_OF_BLUESKY[shape], format=name)
    assert (found.read, found.inserted, found.rejected) == (3, 3, 0)
    posts = posts_of(one_corpus)
    first = posts["at://did:plc:keksitty1/app.bsky.feed.post/3aaa"]
    assert first.author == Author(native_id="did:plc:keksitty1", handle="koivuranta.example", name="Koivurannan kunta")
    assert first.hashtags == ("tulevaisuudenkunta", "kylät")
    assert first.links == ("https://koivuranta.example/ilta", "https://lehti.example/juttu")
    assert first.reply_to == "at://did:plc:keksitty3/app.bsky.feed.post/3parent"
    assert first.quote_of == "at://did:plc:keksitty3/app.bsky.feed.post/3quoted"
    assert first.discussion == "at://did:plc:keksitty2/app.bsky.feed.post/3root"
    assert first.counts == Counts(replies=1, reposts=2, likes=3)
    assert first.url == "https://bsky.app/profile/did:plc:keksitty1/post/3aaa"
    late = posts["at://did:plc:keksitty4/app.bsky.feed.post/3bbb"]
    assert late.created_at == datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert (late.author, late.hashtags) == (
        Author(native_id="did:plc:keksitty4", handle=None, name=None),
        ("tulevaisuudenkunta",),
    )
    gone = posts["at://did:plc:keksitty5/app.bsky.feed.post/3ccc"]
    assert (gone.gone, gone.text, gone.author) == ("opted_out", None, None)


def test_bare_records_events_and_snake_case(bring: Bring, one_corpus: Corpus) -> None:
    """Records of a repository, lines of Jetstream, and views as the Python client writes them are posts, too."""
    record = {"$type": "app.bsky.feed.post", "text": "Keksitty", "createdAt": "2026-11-16T08:00:00"}
    bare = {"uri": "at://did:plc:a/app.bsky.feed.post/1", "cid": "b", "value": record}
    event = {
        "did": "did:plc:b",
        "time_us": 1_794_816_000_000_000,
        "kind": "commit",
        "commit": {"operation": "create", "collection": "app.bsky.feed.post", "rkey": "2", "record": record},
    }
    snake = {
        "uri": "at://did:plc:c/app.bsky.feed.post/3",
        "author": {"did": "did:plc:c", "handle": "c.example", "display_name": "Nimi"},
        "record": {"py_type": "app.bsky.feed.post", "text": "Keksitty", "created_at": "2026-11-16T08:00:00Z"},
        "like_count": 7,
        "indexed_at": "2026-11-16T08:00:01Z",
        "labels": [],
    }
    listed = {"records": [{**bare, "uri": "at://did:plc:a/app.bsky.feed.post/4"}]}
    found = bring(_lines([bare, event, snake, listed]))
    assert (found.inserted, found.rejected) == (4, 0)
    posts = posts_of(one_corpus)
    assert {post.created_at for post in posts.values()} == {datetime(2026, 11, 16, 8, tzinfo=UTC)}
    told = posts[str(snake["uri"])]
    assert told.author is not None
    assert (told.author.name, told.counts.likes) == ("Nimi", 7)


_RECORD = {"$type": "app.bsky.feed.post", "text": "a", "createdAt": "2026-11-16T08:00:00Z"}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param({"uri": "at://did:plc:a/app.bsky.feed.like/1", "value": _RECORD}, "another kind", id="like"),
        pytest.param({"uri": "at://did:plc:a/app.bsky.feed.post/1", "value": {"text": "a"}}, "is missing", id="date"),
        pytest.param({"uri": "at://did:plc:a/app.bsky.feed.post/1", "value": {"createdAt": "x"}}, "text is", id="text"),
        pytest.param({"uri": "at://a.example/app.bsky.feed.post/1", "value": _RECORD}, "author's DID", id="handle"),
        pytest.param({"uri": "https://bsky.app/x", "value": _RECORD}, "no address of a post", id="address"),
        pytest.param({"uri": "at://did:plc:a/app.bsky.feed.post/1/2", "value": _RECORD}, "no address", id="deep"),
        pytest.param({"value": _RECORD}, "uri is missing", id="no-uri"),
        pytest.param({"uri": "at://did:plc:a/app.bsky.feed.post/1", "record": None}, "record is missing", id="null"),
        pytest.param(_RECORD, "without its address", id="record-alone"),
        pytest.param({"likes": [], "uri": "at://x"}, "records of likes, uri", id="likes"),
        pytest.param({"thread": {"uri": "at://x", "notFound": True}}, "is deleted", id="deleted"),
        pytest.param({"thread": {"uri": "at://x", "blocked": True}}, "is blocked", id="blocked"),
        pytest.param({"did": "did:plc:a", "commit": {"collection": "c"}}, "another kind", id="other-event"),
        pytest.param(
            {"did": "did:plc:a", "commit": {"collection": "app.bsky.feed.post", "operation": "delete"}},
            "no post but its delete",
            id="deletion",
        ),
    ],
)
def test_bluesky_rejects(bring: Bring, record: dict[str, Any], reason: str) -> None:
    """What is no post says why."""
    assert reason in reasons_of(bring(_lines([record]), format="bluesky"))[0]


def test_what_is_odd_in_a_record_harms_no_post(bring: Bring, one_corpus: Corpus) -> None:
    """Malformed facets and embeds, a handle for a DID and a null in a thread cost nothing but themselves."""
    record = {**_RECORD, "text": "#yksi", "facets": [{"index": {}}, 5], "embed": {"record": 7}}
    view = {"uri": "at://a.example/app.bsky.feed.post/1", "author": {"did": "did:plc:a"}, "record": record}
    found = bring(_lines([{"thread": {"post": view, "parent": None, "replies": None}}]))
    assert (found.inserted, found.rejected) == (1, 0)
    assert posts_of(one_corpus)["at://did:plc:a/app.bsky.feed.post/1"].hashtags == ("yksi",)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(b'{"id": "1", "text": "a", "created_at": "x"}', "x-v2", id="flattened"),
        pytest.param(b'{"errors": [{"message": "x"}]}', "x-v2", id="errors"),
        pytest.param(b'{"title": "x"}\n{"id_str": "1"}', "x-v1", id="later-line"),
        pytest.param(b'{"statuses": [], "search_metadata": {}}', "x-v1", id="empty-v1"),
        pytest.param(b'{"statuses": [], "accounts": []}', "mastodon", id="empty-mastodon"),
        pytest.param(b'{"network": "x", "native_id": "1", "content": "a", "uri": "b"}', "corpus", id="own"),
        pytest.param(b'{"title": "x"}', "x-v2", id="nothing-tells"),
        pytest.param(b"id,text,created_at\n1,a,b\n", "csv", id="table"),
        pytest.param(b"<html>\nid, text\n", "x-v2", id="page"),
        pytest.param("id\ttext\n1\ta\n".encode("utf-16"), "csv", id="utf-16-table"),
    ],
)
def test_format_is_told_by_content(tmp_path: Path, content: bytes, name: str) -> None:
    """What a file holds says its format, whatever its name."""
    path = tmp_path / "archive.bin"
    path.write_bytes(content)
    assert format_of(path) == name


def test_lone_surrogates_are_mended(bring: Bring, one_corpus: Corpus) -> None:
    """Half a character is U+FFFD in every format."""
    bring(rb'{"id_str": "1", "text": "a\ud800", "created_at": "Mon Nov 16 08:00:00 +0000 2026"}')
    assert posts_of(one_corpus)["1"].text == "a\ufffd"


def test_import_again_changes_nothing(bring: Bring) -> None:
    """The same archive again is read, and every post skipped."""
    for content in ("archives/search_v1.json", "archives/outbox.json", "archives/search_posts.json"):
        assert bring(payload(content)).inserted > 0
        again = bring(payload(content))
        assert (again.inserted, again.updated) == (0, 0)


@pytest.mark.parametrize("content", [b"[1, 2]", b"5", b'{"data": 7}', b'{"body": "x"', b'{"body": "[", "url": "u"}'])
@pytest.mark.parametrize("name", ["x-v1", "mastodon", "bluesky", "csv"])
def test_anything_else_is_rejected_with_a_reason(bring: Bring, content: bytes, name: str) -> None:
    """Whatever a file holds is posts or rejected records, in every format."""
    found = bring(content, format=name)
    assert found.inserted == 0
    assert all(reasons_of(found))
    assert found.rejected > 0
