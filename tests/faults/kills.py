"""Kills at every write and at random times, and what must hold after each."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.stream_state import stream_name, stream_state
from corpus.store import Corpus
from tests.collector.fake_bluesky import FakeBluesky
from tests.collector.fake_mastodon import FakeMastodon
from tests.collector.fake_stream import FakeStream
from tests.collector.fake_wire import Clock
from tests.collector.fake_x import FakeX
from tests.faults.killed import EVENTS, VOCABULARY

_ROOT = Path(__file__).parents[2]
_IMPORTED = 150
_PROGRESS = "progress of"


def ordered(process: "subprocess.Popen[str]", order: dict[str, Any]) -> dict[str, Any]:
    """Give an order to the process that forks what is killed, and return what became of it."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    told: dict[str, Any] = json.loads(process.stdout.readline())
    assert "error" not in told, told["error"]
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Kills:
    """The figures of one course of kills."""

    kills: int
    writes: int
    """Boundaries of an undisturbed run."""
    runs: int
    """Completed ones, each of which left what an undisturbed one leaves."""


@contextmanager
def killing(directory: Path, empty_database: Path) -> Iterator["Killing"]:
    """Start the networks and the process whose children are killed."""
    with ExitStack() as stack:
        clock = Clock()
        x, mastodon = stack.enter_context(FakeX(clock)), stack.enter_context(FakeMastodon(clock))
        bluesky, stream = stack.enter_context(FakeBluesky(clock)), stack.enter_context(FakeStream(clock, "firehose"))
        _fill(x, mastodon)
        last = _tell(stream)
        urls = [f"{network.network}={network.url}" for network in (x, mastodon, bluesky)] + [f"stream={stream.url}"]
        process = stack.enter_context(
            subprocess.Popen(  # noqa: S603  # our own
                [sys.executable, "-m", "tests.faults.killed", *urls],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        try:
            yield Killing(process, directory, empty_database, last)
        finally:
            process.kill()


def _fill(x: FakeX, mastodon: FakeMastodon) -> None:
    """Publish two pages and a discussion on each network, and a record that is rejected."""
    first = x.publish(14)[-1]
    x.publish(1, created_at=None)
    x.posts[-2]["public_metrics"]["reply_count"] = 2
    x.publish(2, conversation_id=first, text="Keksitty vastaus", entities={"hashtags": []})
    mastodon.publish(14)
    mastodon.publish(1, created_at=None)
    opening = mastodon.statuses[3]
    opening["replies_count"] = 1
    mastodon.publish(1, in_reply_to_id=opening["id"], tags=[], content="<p>Keksitty vastaus</p>")


def _tell(stream: FakeStream) -> int:
    """Let everything happen that a stream tells of, in several moments, and return the number of its last event."""
    posts = [stream.post(did=f"did:plc:asukas{number % 3}") for number in range(6)]
    stream.raw(b"no frame")  # has no number: were it the last of a moment, it would be told again
    stream.post("Muuta asiaa")
    stream.answer(posts[0])
    stream.post("Korjattu keksitty #tulevaisuudenkunta", edits=posts[1], did="did:plc:asukas1")
    stream.delete(posts[3])
    stream.identity("did:plc:asukas0", "uusi.example")
    stream.account("did:plc:asukas2", status="deactivated")
    while (told := stream.told) % EVENTS != EVENTS - 1:
        stream.like()
    stream.post()
    return told + 1


class Killing:
    """Runs that are killed, and their comparison with one that is not."""

    def __init__(
        self, process: "subprocess.Popen[str]", directory: Path, empty_database: Path, last_event: int
    ) -> None:
        self._last_event = last_event
        self._process, self._directory, self._empty = process, directory, empty_database
        directory.joinpath("posts.jsonl").write_text(_archive(), "utf-8")

    def at_every_write(self, job: str, *, step: int = 1) -> Kills:
        """Kill at the first write, then at the second, and so on until a run comes to its end; let each be repeated.

        ``step`` passes over writes between: 3 kills at every third.

        Raises:
            AssertionError: something was lost, doubled or orphaned.
        """
        whole, undisturbed = self._undisturbed(job)
        numbers = range(1, whole["writes"] + 1, step)
        for number in numbers:
            database = self._fresh()
            assert self._told(job, database, at_write=number)["killed"], f"nothing is written at {number}"
            self._check_sound(database, undisturbed)
            self._told(job, database)
            self._check_same(database, undisturbed, f"killed at write {number}")
        return Kills(kills=len(numbers), writes=whole["writes"], runs=len(numbers))

    def at_random(self, job: str, kills: int, chance: random.Random) -> Kills:
        """Kill at random times, several times in the same run, as often as said.

        Raises:
            AssertionError: something was lost, doubled or orphaned.
        """
        whole, undisturbed = self._undisturbed(job)
        done = runs = tries = 0
        database = self._fresh()
        while done < kills:
            tries += 1
            told = self._told(job, database, after=chance.uniform(0.005, 0.9 * whole["seconds"]))
            done += told["killed"]
            self._check_sound(database, undisturbed)
            if tries % 3 == 0 or not told["killed"]:
                self._told(job, database)
                self._check_same(database, undisturbed, f"after {done} kills at random")
                runs += 1
                database = self._fresh()
        return Kills(kills=done, writes=whole["writes"], runs=runs)

    def _undisturbed(self, job: str) -> tuple[dict[str, Any], dict[str, object]]:
        database = self._fresh()
        self._told(job, database)
        database = self._fresh()  # the first run pays for what is loaded once
        whole = self._told(job, database)
        with Corpus.open(f"sqlite:///{database}") as corpus:
            assert corpus.verify() == []
            return whole, _contents(corpus)

    def _fresh(self) -> Path:
        database = self._directory / "kuntakaiku.db"
        for file in self._directory.glob("kuntakaiku.db*"):
            file.unlink()
        shutil.copy(self._empty, database)
        return database

    def _told(self, job: str, database: Path, **when: float) -> dict[str, Any]:
        order = {"job": job, "database": str(database), "directory": str(self._directory), **when}
        order["last"] = self._last_event
        return ordered(self._process, order)

    def _check_sound(self, database: Path, undisturbed: dict[str, object]) -> None:
        """Check that nothing of a killed run is half."""
        with Corpus.open(f"sqlite:///{database}") as corpus:
            assert corpus.verify() == []
            assert _contents(corpus).keys() <= undisturbed.keys()

    def _check_same(self, database: Path, undisturbed: dict[str, object], when: str) -> None:
        with Corpus.open(f"sqlite:///{database}") as corpus:
            assert corpus.verify() == [], when
            assert _contents(corpus) == undisturbed, when
            assert corpus.posts.count() == sum(not key.startswith(_PROGRESS) for key in undisturbed), when


def _contents(corpus: Corpus) -> dict[str, object]:
    """Return everything that is known of each post, and how far the sources were read."""
    found: dict[str, object] = {}
    for one in corpus.posts.all_classified():
        post = one.stored.post
        key = f"{post.network} {post.native_id}"
        assert key not in found, "a post is there twice"
        found[key] = (
            post,
            corpus.posts.payload(post.network, post.native_id),
            corpus.posts.revisions(post.network, post.native_id),
            corpus.posts.metrics(post.network, post.native_id),
        )
    hits = corpus.search("keksitty", vocabulary=VOCABULARY, limit=1_000).hits
    found[f"{_PROGRESS} search"] = sorted(hit.post.stored.post.native_id for hit in hits)
    for source in ("x", "mastodon"):
        checkpoint = corpus.ledger.checkpoint(f"position of {source}")
        if checkpoint is not None and (watermark := corpus.ledger.watermark(source)) is not None:
            found[f"{_PROGRESS} {source}"] = (checkpoint.value, watermark.value)
    stream = corpus.ledger.checkpoint(stream_name("bluesky"))
    if stream is not None and corpus.posts.count():
        found[f"{_PROGRESS} bluesky"] = (stream.value, stream_state(corpus, "bluesky"))
    return found


def _archive() -> str:
    post = {"text": "Keksitty viesti #tulevaisuudenkunta", "created_at": "2026-11-16T08:00:00.000Z", "author_id": "1"}
    lines = [json.dumps({"id": str(7_000 + n), **post}) for n in range(_IMPORTED)]
    lines[60] = '{"id": "1", "text": 7}'
    return "\n".join(lines) + "\n"
