"""Streams that go wrong: nothing is lost, nobody is asked too early, and what was missed is told as such."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

import pytest

from collector.errors import SourceRefusedError
from collector.round import Overheard
from collector.source import Heard, Streaming
from collector.stream import follow_stream
from collector.stream_state import kept_of, rests_until, stream_state
from tests.collector.conftest import Bench, Network
from tests.collector.ear import Ear, anchored
from tests.collector.fake_bluesky import FakeBluesky
from tests.collector.fake_stream import TAG, FakeStream, car, frame
from tests.collector.fake_wire import RESET_AFTER, START, Clock
from tests.collector.stream_schedule import WRITER


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
        ear = anchored(Ear(bench_of(FakeBluesky(clock)), stream))
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
        (9, "covered", 2),
        (10, "covered", 1),
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


@pytest.mark.parametrize(("minutes", "is_gap"), [(4, False), (6, True)])
def test_jetstream_that_forgot_begins_late(
    bench_of: Callable[[Network], Bench], clock: Clock, minutes: int, is_gap: bool
) -> None:
    """A Jetstream does not tell that it forgot: where it begins over five minutes late, what was before is a gap."""
    with FakeStream(clock, "jetstream") as stream:
        ear = anchored(Ear(bench_of(FakeBluesky(clock)), stream))
        before = kept_of(ear.bench.corpus, "bluesky")
        stream.post("Muuta asiaa")
        clock.pass_by(minutes=minutes)
        stream.forget()
        uri = stream.post()
        assert ear.hear().problem is None
        kept = kept_of(ear.bench.corpus, "bluesky")
        assert before is not None
        assert kept is not None
        assert ear.stored() == {uri}
        assert (kept.since_at > before.since_at) is is_gap


def test_jetstream_gap_is_not_covered_and_the_round_fills_it(
    bench_of: Callable[[Network], Bench], clock: Clock
) -> None:
    """Hours that a Jetstream forgot stay open until a round has read them; those before and after count."""
    with FakeStream(clock, "jetstream") as stream:
        ear = anchored(Ear(bench_of(FakeBluesky(clock)), stream))
        (missed,) = ear.search.publish()
        clock.pass_by(hours=3)
        heard = stream.post()
        ear.hear()
        assert list(ear.bench.corpus.ledger.coverage(START, clock())) == []
        ear.round()
        assert ear.stored() == {missed, heard}
        clock.pass_by(hours=1)
        ear.round()
        assert {hour.state for hour in ear.bench.corpus.ledger.coverage(START, clock())} <= {"covered", "empty"}


@pytest.mark.parametrize("fault", ["503", "404", "drop 0"])
def test_trouble_lasts_until_something_is_heard(ear: Ear, fault: str) -> None:
    """A stream is in trouble from the first connection in which nothing was heard until the first in which it is."""
    corpus = ear.bench.corpus
    ear.clock.pass_by(minutes=10)
    began_at = ear.clock()
    ear.hear(fault)
    ear.clock.pass_by(hours=7)
    ear.hear("503")
    state = stream_state(corpus, "bluesky")
    assert state is not None
    assert (state.state == "ok", state.since_at, state.source) == (False, began_at, "bluesky")
    assert "127.0.0.1" in str(state.problem)
    ear.clock.pass_by(hours=7)
    ear.stream.post()
    ear.hear()
    state = stream_state(corpus, "bluesky")
    assert state is not None
    assert (state.state, state.problem, state.last_success_at) == ("ok", None, ear.clock())


def test_connection_that_told_something_begins_trouble_anew(ear: Ear) -> None:
    """A stream that breaks off again and again, but tells something each time, is not in trouble for long."""
    for _ in range(2):
        ear.stream.post()
        ear.clock.pass_by(hours=5)
        ear.hear("drop 1")
    state = stream_state(ear.bench.corpus, "bluesky")
    assert state is not None
    assert (state.state, state.since_at) == ("failing", ear.clock())


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


def test_stream_waits_while_its_source_rests(firehose_ear: Ear) -> None:
    """A time that the search was told to keep is kept by the stream too, even one that is open already."""
    ear = firehose_ear
    uris = {ear.stream.post()}

    def rests(_: Heard) -> bool:
        ear.search.faults.append("429 reset")
        ear.bench.collect()
        uris.add(ear.stream.post(did="did:plc:asukas2"))
        return False

    assert "rests until" in str(ear.hear_until(rests).problem)
    assert len(ear.stored()) == 1
    ear.clock.pass_by(minutes=16)
    ear.hear()
    assert ear.stored() == uris
    assert ear.search.too_early == []


def test_answers_to_what_a_round_found_are_heard(firehose_ear: Ear) -> None:
    """A stream that is open for long learns what the rounds found meanwhile."""
    ear = firehose_ear
    answers: list[str] = []

    def is_over(_: Heard) -> bool:
        if not answers:
            ear.search.publish()
            ear.bench.collect()
            ear.clock.pass_by(minutes=11)
            answers.append("")
        elif answers == [""]:
            answers[:] = [ear.stream.answer(ear.search.posts[-1]["uri"])]
        return answers[0] in ear.stored()

    assert ear.hear_until(is_over).inserted == 1
    assert ear.post(answers[0]).via == "thread"


def test_second_listener_waits_for_the_first(firehose_ear: Ear) -> None:
    """Who finds somebody else listening tries again until the place is free."""
    ear, bench = firehose_ear, firehose_ear.bench
    ear.stream.post()
    told: list[Overheard] = []
    with ExitStack() as other:
        other.enter_context(bench.corpus.ledger.alone("stream of bluesky"))

        def rest(seconds: float) -> None:
            ear.clock.rest(seconds)
            other.close()

        ear.stream.faults.append("drop 1")
        follow_stream(
            ear.source(),
            bench.corpus,
            programme=bench.programme,
            settings=bench.settings,
            clock=ear.clock,
            rest=rest,
            is_asked_to_end=lambda: bool(told),
            tell=lambda _, found: told.append(found),
        )
    assert [found.inserted for found in told] == [1]
