"""Bluesky as it happens: what a stream tells is stored once, as the search would have stored it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from corpus.post import Gone
from corpus.store import Corpus
from programme.types import Programme
from tests.collector.conftest import Bench
from tests.collector.ear import Ear, anchored
from tests.collector.fake_bluesky import FakeBluesky
from tests.collector.fake_stream import TAG, FakeStream
from tests.collector.fake_wire import START

WRITER = "did:plc:asukas1"


def test_what_was_before_is_not_heard(ear: Ear) -> None:
    """The first time only what comes from now on is told; from then on nothing is missed between two hearings."""
    assert ear.stored() == set()
    uris = {ear.stream.post(), ear.stream.post("Toinen #Tulevaisuudenkunta 🌲", did="did:plc:asukas2")}
    ear.stream.post("Muuta asiaa")
    ear.stream.post(f"Pidempi #{TAG}blogi")
    ear.stream.like()
    found = ear.hear()
    assert (found.inserted, found.events, found.unread, found.complete) == (2, 5, 0, True)
    assert ear.stored() == uris


def test_post_is_that_of_the_search(ear: Ear) -> None:
    """Text, marks, author and time of a post are the same by stream and by search."""
    image = {"$type": "blob", "ref": b"\x01\x71\x12\x20" + bytes(32), "mimeType": "image/png", "size": 1}
    pictures = [{"alt": "Keinu", "image": image | ({} if ear.stream.kind == "firehose" else {"ref": {"$link": "b"}})}]
    uri = ear.stream.post(f"Öinen 👩‍🌾 viesti #{TAG}", embed={"$type": "app.bsky.embed.images", "images": pictures})
    ear.hear()
    assert b'"ref":{"$link":"b' in (ear.bench.corpus.posts.payload("bluesky", uri) or b"").replace(b" ", b"")
    post = ear.post(uri)
    assert (post.text, post.hashtags, post.via, post.lang) == (f"Öinen 👩‍🌾 viesti #{TAG}", (TAG,), "hashtag", "fi")
    assert (post.created_at, post.url) == (
        START - timedelta(seconds=2),
        f"https://bsky.app/profile/{uri[5:].replace('app.bsky.feed.', '')}",
    )
    assert post.author is not None
    assert (post.author.handle, post.author.name) == ("asukas1.bsky.example", "Keksitty")


def test_told_twice_is_stored_once(firehose_ear: Ear) -> None:
    """What is told again after the place was lost changes nothing."""
    ear = firehose_ear
    place = ear.bench.corpus.ledger.checkpoint("stream of bluesky")
    ear.stream.post()
    ear.hear()
    before = ear.stored()
    ear.bench.corpus.posts.apply([], source="bluesky", now=ear.clock(), checkpoint=place)
    found = ear.hear()
    assert (found.inserted, found.updated, found.events) == (0, 0, 1)
    assert ear.stored() == before


def test_search_and_stream_together_store_once(firehose_ear: Ear) -> None:
    """A post that the round found is known to the stream, and the round tells what the stream brought beside it."""
    ear = firehose_ear
    (uri,) = ear.search.publish()
    did, text = uri.split("/")[2], str(ear.search.posts[-1]["record"]["text"])
    ear.stream.post(text, did=did, edits=uri)
    ear.stream.post()
    found = ear.round()
    assert found.stream is not None
    assert (found.inserted, found.stream.inserted, found.complete) == (1, 1, True)
    assert len(ear.stored()) == 2
    assert found.as_json()["stream"] == found.stream.as_json()


def test_made_and_deleted_at_once_leaves_nothing(ear: Ear) -> None:
    """Of a post that is deleted before it was stored there is no trace; the deletion of a stranger's means nothing."""
    ear.stream.delete(ear.stream.post())
    ear.stream.delete("at://did:plc:muu/app.bsky.feed.post/3lmuu")
    found = ear.hear()
    assert (found.inserted, found.buried) == (0, 0)
    assert ear.bench.corpus.posts.count() == 0


def test_deleted_is_buried_at_once(ear: Ear) -> None:
    """A deletion, which names no more than a place, makes a tombstone without text and author."""
    kept, deleted = ear.stream.post(), ear.stream.post()
    ear.hear()
    ear.stream.delete(deleted)
    assert ear.hear().buried == 1
    assert (ear.post(deleted).gone, ear.post(deleted).text, ear.post(deleted).author) == ("deleted", None, None)
    assert ear.post(kept).gone is None


def test_edit_is_kept_with_what_it_was(ear: Ear) -> None:
    """Another text takes the post's place, even one without the hashtag; an edit of a stranger's means nothing."""
    uri = ear.stream.post()
    ear.hear()
    ear.clock.pass_by(minutes=1)
    ear.stream.post("Korjattu, tunniste jäi pois", edits=uri)
    ear.stream.post("Muuta asiaa", edits="at://did:plc:asukas2/app.bsky.feed.post/3lmuu", did="did:plc:asukas2")
    assert ear.hear().updated == 1
    assert ear.post(uri).text == "Korjattu, tunniste jäi pois"
    assert len(ear.bench.corpus.posts.revisions("bluesky", uri)) == 1
    assert ear.stored() == {uri}


@pytest.mark.parametrize(
    ("active", "status", "gone"),
    [
        (False, "deactivated", "deleted"),
        (False, "takendown", "deleted"),
        (False, "suspended", "deleted"),
        (False, "deleted", "deleted"),
        (False, None, "deleted"),
        (False, "throttled", None),
        (False, "desynchronized", None),
        (True, None, None),
    ],
)
def test_closed_account_shows_nothing(ear: Ear, active: bool, status: str | None, gone: Gone | None) -> None:
    """All posts of an account that is closed are buried, nobody else's; trouble of servers is no reason."""
    posts = {ear.stream.post(), ear.stream.post()}
    other = ear.stream.post(did="did:plc:asukas2")
    ear.hear()
    ear.stream.account(WRITER, active=active, status=status)
    ear.stream.account("did:plc:muu", status="deleted")
    ear.hear()
    assert {ear.post(uri).gone for uri in posts} == {gone}
    assert ear.post(other).gone is None


def test_new_handle_is_noted(ear: Ear) -> None:
    """Authors that are known are called what they call themselves; a handle that leads nowhere is none."""
    uri = ear.stream.post()
    ear.hear()
    ear.clock.pass_by(minutes=1)
    ear.stream.identity(WRITER, "uusi.example")
    ear.stream.identity("did:plc:muu", "muu.example")
    ear.hear()
    author = ear.post(uri).author
    assert author is not None
    assert (author.handle, author.name) == ("uusi.example", "Keksitty")
    ear.stream.identity(WRITER, "handle.invalid")
    ear.hear()
    assert ear.post(uri).author == author


def test_answers_to_known_posts_are_heard(ear: Ear) -> None:
    """Answers and quotes without the hashtag come in by thread as deep as configured, those to strangers not at all."""
    ear.bench.settings = replace(ear.bench.settings, thread_depth=2)
    root = ear.stream.post()
    first = ear.stream.answer(root, did="did:plc:asukas2")
    second = ear.stream.answer(first, root)
    third = ear.stream.answer(second, root)
    quote = ear.stream.post("Lukekaa", embed={"$type": "app.bsky.embed.record", "record": {"uri": root, "cid": "b"}})
    ear.stream.answer("at://did:plc:muu/app.bsky.feed.post/3lmuu")
    ear.hear()
    assert ear.stored() == {root, first, second, quote}
    assert {ear.post(uri).via for uri in (first, second, quote)} == {"thread"}
    ear.stream.answer(second, root)
    later = ear.stream.answer(first, root)
    ear.hear()
    assert ear.stored() == {root, first, second, quote, later}
    assert third not in ear.stored()


def test_discussions_can_be_left_alone(firehose_ear: Ear) -> None:
    """Without requests for discussions the stream follows none either."""
    ear = firehose_ear
    ear.bench.settings = replace(ear.bench.settings, thread_requests=0)
    root = ear.stream.post()
    ear.stream.answer(root)
    ear.hear()
    assert ear.stored() == {root}


@pytest.mark.parametrize(("label", "gone"), [("!no-unauthenticated", "opted_out"), ("!hide", "deleted")])
def test_who_is_not_to_be_shown_is_not_stored(firehose_ear: Ear, label: str, gone: Gone) -> None:
    """The author's profile is read before a post is stored; what it forbids leaves ids and time only."""
    ear = firehose_ear
    ear.search.labels[WRITER] = [label]
    uri = ear.stream.post()
    ear.hear()
    assert (ear.post(uri).gone, ear.post(uri).text, ear.post(uri).author) == (gone, None, None)


def test_label_of_the_post_itself_counts(firehose_ear: Ear) -> None:
    """What an author says of the post, in the post, is read as in an answer of the search."""
    ear = firehose_ear
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!hide"}]}
    uri = ear.stream.post(labels=labels)
    ear.hear()
    assert ear.post(uri).gone == "deleted"


def test_author_who_is_not_shown_is_left_to_the_rounds(firehose_ear: Ear) -> None:
    """Nothing is stored of an account that the network does not show; when it does, the round finds the post."""
    ear = firehose_ear
    ear.search.hidden.add(WRITER)
    ear.stream.post()
    shown = ear.stream.post(did="did:plc:asukas2")
    assert ear.hear().inserted == 1
    assert ear.stored() == {shown}
    names = [asked.path.rpartition(".")[2] for asked in ear.search.asked]
    assert names == ["getProfiles"] * 3


def test_many_authors_are_asked_for_together(firehose_ear: Ear) -> None:
    """Profiles are asked for 25 at a time, and not again within a quarter of an hour."""
    ear = firehose_ear
    for number in range(30):
        ear.stream.post(did=f"did:plc:joku{number}")
    assert ear.hear().inserted == 30
    assert len(ear.search.asked) == 2
    assert len(ear.search.sign_ins) == 1


def test_every_database_holds_the_same(
    corpus: Corpus, watched: Programme, firehose: FakeStream, tmp_path: Path
) -> None:
    """Posts, edits, deletions, handles and closed accounts are stored alike, with the place where to go on."""
    with FakeBluesky(firehose.clock) as search:
        ear = anchored(Ear(Bench(search, corpus, watched, tmp_path), firehose))
        kept, deleted, closed = ear.stream.post(), ear.stream.post(), ear.stream.post(did="did:plc:asukas2")
        answer = ear.stream.answer(kept)
        ear.hear()
        ear.clock.pass_by(minutes=1)
        ear.stream.post(f"Korjattu 🌲 #{TAG}", edits=kept)
        ear.stream.delete(deleted)
        ear.stream.account("did:plc:asukas2", status="deactivated")
        ear.stream.identity(WRITER, "uusi.example")
        assert ear.hear().buried == 2
        author = ear.post(kept).author
        assert author is not None
        assert (ear.post(kept).text, author.handle) == (f"Korjattu 🌲 #{TAG}", "uusi.example")
        assert (ear.post(deleted).gone, ear.post(closed).gone, ear.post(answer).via) == ("deleted", "deleted", "thread")
        with corpus.ledger.alone("stream of bluesky"):
            assert ear.round().stream is None
        assert (ear.hear().events, corpus.verify()) == (0, [])
