"""Mastodon against an independent server of another make, ``mastodon-mock``, with its own faults."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from mastodon_mock.testing import MockServer

from collector.collect import collect_sources
from collector.round import Round
from collector.source import Seeing
from collector.sources import open_source
from collector.sweep import Swept, sweep_source
from corpus.post import Post
from corpus.store import Corpus
from programme.types import Programme, SourceSettings
from tests.collector.fake_wire import Clock

TAG = "#TulevaisuudenKunta"


class Mocked:
    """Rounds and sweeps against the server, by a clock of ours that follows its own."""

    def __init__(self, server: MockServer, corpus: Corpus, programme: Programme, directory: Path) -> None:
        self.server, self.corpus, self.programme, self.directory = server, corpus, programme, directory
        self.alice, self.bob = server.client(), server.client("bob")
        self.settings = SourceSettings(
            name="mock",
            network="mastodon",
            enabled=True,
            base_url=server.base_url,
            every=timedelta(minutes=15),
            timeout=1,
        )
        self.clock = Clock(self.alice.status_post(f"Keksitty ensimmäinen {TAG}")["created_at"] + timedelta(minutes=1))

    def collect(self) -> Round:
        """Run a round and its discussions."""
        (found,) = collect_sources(
            [self.settings],
            self.corpus,
            programme=self.programme,
            secrets=lambda _: None,
            clock=self.clock,
            rest=self.clock.rest,
            data_directory=self.directory,
        )
        return found

    def sweep(self) -> Swept:
        """Look known posts up."""
        source = open_source(self.settings, self.programme, lambda _: None)
        assert isinstance(source, Seeing)
        return sweep_source(
            source,
            self.corpus,
            settings=self.settings,
            clock=self.clock,
            rest=self.clock.rest,
            data_directory=self.directory,
        )

    def fault(self, times: int | None = 1, **effect: object) -> None:
        """Let the next requests go wrong; None: all."""
        rule = {"effect": effect, "count": times}
        requests.post(f"{self.server.base_url}/api/v1/_mock/faults", json=rule, timeout=5).raise_for_status()

    def well_again(self) -> None:
        """Let no request go wrong any more."""
        requests.delete(f"{self.server.base_url}/api/v1/_mock/faults", timeout=5).raise_for_status()

    def post(self, status: Any) -> Post:  # noqa: ANN401  # a status of Mastodon.py, which ships no types
        """Return what the corpus has of a status."""
        known = self.corpus.posts.by_native_id("mastodon", status["uri"])
        assert known is not None
        return known.stored.post


@pytest.fixture
def mocked(mastodon_mock_reset: MockServer, one_corpus: Corpus, watched: Programme, tmp_path: Path) -> Mocked:
    """The server with one post under the hashtag."""
    return Mocked(mastodon_mock_reset, one_corpus, watched, tmp_path)


@pytest.mark.everything
def test_posts_come_in_once(mocked: Mocked) -> None:
    """Over several pages every post comes in, and no second time; one that is new comes with the next round."""
    for n in range(45):
        mocked.alice.status_post(f"Keksitty viesti {n} {TAG}")
    assert [(mocked.collect().inserted, mocked.collect().state)] == [(46, "empty")]
    mocked.bob.status_post(f"Vielä yksi {TAG}")
    found = mocked.collect()
    assert (found.inserted, found.complete, mocked.corpus.posts.count()) == (1, True, 47)


def test_edits_and_deletions_are_followed(mocked: Mocked) -> None:
    """A day later an edited post has its new text, and a deleted one is a tombstone; nothing else changes."""
    edited, deleted, same = [mocked.alice.status_post(f"Keksitty viesti {n} {TAG}") for n in range(3)]
    mocked.collect()
    mocked.alice.status_update(edited, f"Korjattu {TAG}")
    mocked.alice.status_delete(deleted)
    mocked.clock.pass_by(hours=25)
    found = mocked.sweep()
    assert (found.state, found.looked_at, found.updated, found.buried, found.unjudged) == ("ok", 4, 1, 1, 0)
    assert mocked.post(edited).text == "Korjattu #TulevaisuudenKunta"
    assert (mocked.post(deleted).gone, mocked.post(deleted).text, mocked.post(same).gone) == ("deleted", None, None)


def test_discussion_is_followed(mocked: Mocked) -> None:
    """Answers that do not repeat the hashtag come in by thread, without a token, and say what they answer."""
    opening = mocked.alice.status_post(f"Keksitty kysymys {TAG}")
    answer = mocked.bob.status_post("Keksitty vastaus", in_reply_to_id=opening)
    deeper = mocked.alice.status_post("Kiitos!", in_reply_to_id=answer)
    found = mocked.collect()
    assert found.threads is not None
    assert (found.inserted, found.threads.inserted, found.threads.problem) == (2, 2, None)
    assert [(mocked.post(one).via, mocked.post(one).reply_to) for one in (answer, deeper)] == [
        ("thread", opening["uri"]),
        ("thread", answer["uri"]),
    ]
    assert mocked.collect().threads is None


FAULTS: dict[str, Callable[[Mocked], None]] = {
    "out of order": lambda mocked: mocked.fault(None, type="status", status=503),
    "malformed": lambda mocked: mocked.fault(None, type="malformed"),
    "cut": lambda mocked: mocked.fault(None, type="malformed", truncate=False),
    "not found": lambda mocked: mocked.fault(None, type="status", status=404),
    "forbidden": lambda mocked: mocked.fault(None, type="status", status=403),
    "limited": lambda mocked: mocked.fault(None, type="ratelimit"),
    "silent": lambda mocked: mocked.fault(None, type="timeout", delay_ms=1500),
}


@pytest.mark.parametrize(
    "fault",
    # The server goes on keeping silent for seconds when it is stopped.
    [pytest.param(name, marks=pytest.mark.everything) if name == "silent" else name for name in FAULTS],
)
def test_faults_bury_nothing_and_lose_nothing(mocked: Mocked, fault: str) -> None:
    """While the server is troubled, rounds and sweeps say so and nothing is gone; afterwards everything is there."""
    mocked.collect()
    second = mocked.alice.status_post(f"Keksitty toinen {TAG}")
    FAULTS[fault](mocked)
    assert mocked.collect().complete is False
    mocked.clock.pass_by(hours=25)
    assert mocked.sweep().buried == 0
    mocked.well_again()
    mocked.clock.pass_by(hours=25)
    assert mocked.collect().inserted == 1
    found = mocked.sweep()
    assert (found.buried, found.unjudged, found.complete) == (0, 0, True)
    assert mocked.post(second).gone is None


def test_slow_answer_is_waited_for(mocked: Mocked) -> None:
    """An answer that takes its time is an answer."""
    mocked.fault(type="latency", delay_ms=200)
    assert mocked.collect().state == "ok"
