"""Bluesky as it happens: what a stream tells is stored once, goes on where it was, and spoils no round."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from collector.collect import collect_sources
from collector.errors import SourceRefusedError
from collector.round import Overheard, Round
from collector.source import Streaming
from collector.stream import catch_up, follow_stream, rests_until
from corpus.post import Gone, Post
from tests.collector.conftest import Bench, Network
from tests.collector.fake_bluesky import FakeBluesky
from tests.collector.fake_stream import TAG, FakeStream, car, frame
from tests.collector.fake_wire import RESET_AFTER, START, Clock

WRITER = "did:plc:asukas1"


class Ear:
    """A source with a stream on loopback, and a corpus."""

    def __init__(self, bench: Bench, stream: FakeStream) -> None:
        assert isinstance(bench.network, FakeBluesky)
        self.bench, self.stream, self.clock = bench, stream, bench.clock
        self.search = bench.network
        bench.settings = replace(bench.settings, stream=stream.url, timeout=1.0)

    def hear(self, *faults: str) -> Overheard:
        """Catch up over a connection that goes wrong."""
        self.stream.faults.extend(faults)
        bench = self.bench
        source = bench.source()
        assert isinstance(source, Streaming)
        found = catch_up(
            source,  # type: ignore[arg-type]  # every source is a source
            bench.corpus,
            programme=bench.programme,
            settings=bench.settings,
            clock=bench.clock,
            rest=bench.clock.rest,
        )
        assert found is not None
        return found

    def follow(self, times: int, *faults: str) -> list[Overheard]:
        """Listen until so many connections have ended."""
        self.stream.faults.extend(faults)
        bench, told = self.bench, list[Overheard]()
        follow_stream(
            bench.source(),  # type: ignore[arg-type]  # one that has a stream
            bench.corpus,
            programme=bench.programme,
            settings=bench.settings,
            clock=bench.clock,
            rest=bench.clock.rest,
            is_asked_to_end=lambda: len(told) >= times,
            tell=lambda _, found: told.append(found),
        )
        return told

    def round(self) -> Round:
        """Run a round as `collect` does."""
        bench = self.bench
        (found,) = collect_sources(
            [bench.settings],
            bench.corpus,
            programme=bench.programme,
            secrets=bench.secrets.get,
            clock=bench.clock,
            rest=bench.clock.rest,
            data_directory=bench.directory,
        )
        return found

    def post(self, uri: str) -> Post:
        """Return a post of the corpus."""
        found = self.bench.corpus.posts.by_native_id("bluesky", uri)
        assert found is not None
        return found.stored.post

    def stored(self) -> set[str]:
        """Return the native ids in the corpus."""
        return self.bench.stored()


@pytest.fixture(params=["firehose", "jetstream"])
def stream(request: pytest.FixtureRequest, clock: Clock) -> Iterator[FakeStream]:
    """Each kind of stream."""
    with FakeStream(clock, request.param) as opened:
        yield opened


@pytest.fixture
def firehose(clock: Clock) -> Iterator[FakeStream]:
    """A firehose."""
    with FakeStream(clock, "firehose") as opened:
        yield opened


@pytest.fixture
def ear(bench_of: Callable[[Network], Bench], clock: Clock, stream: FakeStream) -> Ear:
    """Somebody who has heard one event, and so knows where to go on."""
    return _anchored(Ear(bench_of(FakeBluesky(clock)), stream))


@pytest.fixture
def firehose_ear(bench_of: Callable[[Network], Bench], clock: Clock, firehose: FakeStream) -> Ear:
    """The same with a firehose."""
    return _anchored(Ear(bench_of(FakeBluesky(clock)), firehose))


def _anchored(ear: Ear) -> Ear:
    assert ear.hear().complete
    return ear


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
    uri = ear.stream.post(f"Öinen 👩‍🌾 viesti #{TAG}")
    ear.hear()
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


@pytest.mark.parametrize("fault", ["429 reset", "503", "html", "rst", "401"])
def test_nothing_is_lost_while_profiles_are_not_told(firehose_ear: Ear, fault: str) -> None:
    """Where nobody says who wrote a post, the place stays before it, and it is heard again."""
    ear = firehose_ear
    uri = ear.stream.post()
    ear.search.faults.extend([fault] * 3)
    assert ear.hear().problem is not None
    assert ear.stored() == set()
    ear.search.faults.clear()
    if fault == "429 reset":
        assert rests_until(ear.bench.corpus, "bluesky", ear.clock()) == START + RESET_AFTER
        assert "rests until" in str(ear.hear().problem)
        assert ear.round().inserted == 0
        ear.clock.pass_by(minutes=16)
    ear.hear()
    assert ear.stored() == {uri}
    assert ear.search.too_early == []


@pytest.mark.parametrize("fault", ["drop 1", "drop 3", "error ConsumerTooSlow 2", "503", "429", "html"])
def test_broken_connection_loses_nothing(ear: Ear, fault: str) -> None:
    """However a connection ends, what it told is stored, and the next goes on behind it."""
    uris = {ear.stream.post() for _ in range(4)}
    broken = ear.hear(fault)
    assert broken.problem is not None
    assert not broken.complete
    ear.clock.pass_by(minutes=2)
    found = ear.hear()
    assert (found.problem, broken.inserted + found.inserted) == (None, 4)
    assert ear.stored() == uris
    runs = ear.bench.corpus.ledger.runs(job="stream")
    assert [run.state for run in runs][:2] == ["done", "partly" if broken.events else "failed"]


def test_named_time_is_kept(ear: Ear) -> None:
    """A server that names a time is left alone until then, by `run` and by `collect`."""
    ear.stream.post()
    assert "429" in str(ear.hear("429 600").problem)
    assert "rests until" in str(ear.hear().problem)
    (found,) = ear.follow(1, "drop 1")
    assert found.inserted == 1
    assert ear.stream.too_early == []
    assert len(ear.stream.opened) == 3


def test_pauses_grow_while_nothing_works(firehose_ear: Ear) -> None:
    """Tries that fail come at growing pauses of at most five minutes, never at the same distance."""
    ear = firehose_ear
    ear.follow(14, *["503"] * 14)
    instants = [at for at, _ in ear.stream.opened[1:]]
    pauses = [(after - before).total_seconds() for before, after in pairwise(instants)]
    assert pauses[0] < 3
    assert 150 <= pauses[-1] <= 300
    assert max(pauses) <= 300
    assert len(set(pauses)) == len(pauses)


@pytest.mark.parametrize("fault", ["away", "404"])
def test_stream_that_cannot_be_is_told(ear: Ear, fault: str) -> None:
    """A stream that leads elsewhere, or is none, is not followed there, and the round is complete without it."""
    ear.search.publish()
    ear.stream.faults.append(fault)
    found = ear.round()
    assert (found.inserted, found.complete) == (1, True)
    assert found.stream is not None
    assert "127.0.0.1" in str(found.stream.problem)


def test_what_cannot_be_read_harms_nothing_else(firehose_ear: Ear) -> None:
    """Frames that are none, records that are missing and unknown kinds are passed over; the posts around them come."""
    ear, stream = firehose_ear, firehose_ear.stream
    first = stream.post()
    op = {"action": "create", "path": "app.bsky.feed.post/3lx", "cid": b"\x01\x71\x12\x20" + bytes(32)}
    commit = {"op": 1, "t": "#commit"}
    broken: list[bytes | str] = [
        b"",
        b"\xff\xff",
        "text",
        frame({"op": 1}, [1]),
        frame({"t": "#commit"}, {}),
        frame(commit, {"seq": 50, "repo": 7}),
        frame(commit, {"seq": 51, "repo": WRITER, "ops": [op], "blocks": b"no archive"}),
        frame(commit, {"seq": 52, "repo": WRITER, "ops": [op], "blocks": car({})}),
        frame({"op": 1, "t": "#account"}, {"seq": 53, "did": WRITER, "active": "perhaps"}),
    ]
    for message in broken:
        stream.raw(message)
    for header in ({"op": 1, "t": "#sync"}, {"op": 1, "t": "#tombstone"}, {"op": 2, "t": "#commit"}):
        stream.raw(frame(header, {"seq": 54, "time": "no time"}))
    last = stream.post(text=None)
    found = ear.hear()
    assert (found.inserted, found.unread, found.problem) == (2, len(broken), None)
    assert ear.stored() == {first, last}


def test_lines_that_cannot_be_read_harm_nothing_else(bench_of: Callable[[Network], Bench], clock: Clock) -> None:
    """The same for Jetstream."""
    with FakeStream(clock, "jetstream") as stream:
        ear = _anchored(Ear(bench_of(FakeBluesky(clock)), stream))
        first = stream.post()
        for line in ("", "[]", "{", b"\xff", '{"did": "did:plc:muu", "time_us": 10000000000000000000}'):
            stream.raw(line)
        stream.raw('{"did": "did:plc:muu", "time_us": 5, "kind": "unheard of"}')
        last = stream.post()
        found = ear.hear()
        assert (found.inserted, found.unread, found.problem) == (2, 5, None)
        assert ear.stored() == {first, last}


def test_record_that_is_none_means_nothing(ear: Ear) -> None:
    """A record without a text, or of another kind, is no post of ours; one that cannot be read is counted."""
    ear.stream.post("", text_is=1)
    ear.stream.post(f"Keksitty #{TAG}", **{"$type": "app.bsky.feed.other"})
    ear.stream._commit(WRITER, "create", "3lx", {"text": 7, "createdAt": "2026-11-20T08:00:00Z"})
    found = ear.hear()
    assert (found.inserted, found.unread) == (0, 1)


def test_hours_of_listening_are_covered(firehose_ear: Ear) -> None:
    """Hours of which everything was told are covered, without any round; the one that is not over is not yet."""
    ear = firehose_ear
    for _ in range(5):
        ear.clock.pass_by(minutes=40)
        ear.stream.post()
        ear.hear()
    hours = ear.bench.corpus.ledger.coverage(START, ear.clock())
    assert [(hour.hour_at.hour, hour.state, hour.posts) for hour in hours] == [
        (8, "covered", 1),
        (9, "covered", 1),
        (10, "covered", 2),
    ]


def test_gap_is_not_covered_and_the_round_fills_it(firehose_ear: Ear) -> None:
    """Where the server forgot what was told meanwhile, those hours stay open until a round has read them."""
    ear = firehose_ear
    (missed,) = ear.search.publish()
    ear.stream.post("Muuta asiaa")
    ear.clock.pass_by(hours=3)
    ear.stream.forget()
    heard = ear.stream.post()
    assert ear.hear().inserted == 1
    assert list(ear.bench.corpus.ledger.coverage(START, ear.clock())) == []
    found = ear.round()
    assert (found.inserted, found.complete) == (1, True)
    assert ear.stored() == {missed, heard}
    ear.clock.pass_by(hours=1)
    ear.round()
    covered = ear.bench.corpus.ledger.coverage(START, ear.clock())
    assert {hour.state for hour in covered} <= {"covered", "empty"}
    assert ear.clock().hour - 1 in {hour.hour_at.hour for hour in covered}


def test_server_that_counts_anew_is_heard_from_now_on(firehose_ear: Ear) -> None:
    """A cursor from the future, since the server was set up anew, is given up; what is told from then on comes."""
    ear = firehose_ear
    ear.stream._events.clear()
    assert ear.hear().complete
    uri = ear.stream.post()
    ear.hear()
    assert ear.stored() == {uri}
    assert [cursor for _, cursor in ear.stream.opened][2] is None


def test_other_address_begins_anew(ear: Ear, clock: Clock) -> None:
    """The cursor of one server is not given to another."""
    with FakeStream(clock, ear.stream.kind) as other:
        ear.bench.settings = replace(ear.bench.settings, stream=other.url)
        ear.hear()
        assert [cursor for _, cursor in other.opened] == [None]


def test_one_process_listens(firehose_ear: Ear) -> None:
    """While somebody listens, a round leaves the stream alone."""
    ear = firehose_ear
    with ear.bench.corpus.ledger.alone("stream of bluesky") as held:
        assert held
        ear.stream.post()
        assert ear.round().stream is None
    assert len(ear.stream.opened) == 1


def test_without_a_stream_nothing_is_heard(bluesky_bench: Bench) -> None:
    """A source without a stream has none, and refuses to listen."""
    source = bluesky_bench.source()
    assert isinstance(source, Streaming)
    assert not source.has_stream
    with pytest.raises(SourceRefusedError):
        source.listen(None, lambda _: None, bluesky_bench.patience())
