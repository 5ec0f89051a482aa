"""Invented posts, and a clock that stands still."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from corpus.changes import decide
from corpus.custody import LEDGER, Custody
from corpus.marks import Keys
from corpus.post import Author, Counts, Post, Prediction, Reason
from corpus.posts import Applied
from corpus.store import Corpus
from tests.corpus.village import VILLAGES, Village

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """The instant at which tests take place."""
    return NOW


@pytest.fixture
def make_post() -> Callable[..., Post]:
    """Build an invented post; its number tells it from others."""

    def build(number: int = 1, **changes: Any) -> Post:  # noqa: ANN401 - any field of a post
        fields: dict[str, Any] = {
            "network": "mastodon",
            "native_id": str(1_400_000_000_000_000_000 + number),
            "author": Author(native_id=f"a{number % 5}", handle=f"koivu{number % 5}@kunta.example", name="Koivu"),
            "text": f"Lähikirjasto pysyy auki, viesti {number} #TulevaisuudenKunta",
            "created_at": NOW - timedelta(days=2) + timedelta(minutes=number),
            "via": "hashtag",
            "url": f"https://kunta.example/@koivu/{number}",
            "lang": "fi",
            "reply_to": None if number % 2 else str(1_400_000_000_000_000_000 + number - 1),
            "discussion": str(1_400_000_000_000_000_000),
            "hashtags": ("tulevaisuudenkunta", "kirjasto"),
            "links": ("https://kunta.example/kirjasto",),
            "counts": Counts(replies=1, reposts=2, likes=number),
            "raw": b'{"id": "%d",\n "content": "L\\u00e4hikirjasto"}' % number,
        }
        return Post(**(fields | changes))

    return build


@pytest.fixture
def store() -> Callable[..., Applied]:
    """Collect posts of one network into a corpus."""

    def collect(corpus: Corpus, posts: Sequence[Post], *, now: datetime = NOW, source: str = "masto") -> Applied:
        known = corpus.posts.known(posts[0].network, [post.native_id for post in posts]) if posts else {}
        return corpus.posts.apply(decide(posts, known, now), source=source, now=now)

    return collect


@pytest.fixture
def make_prediction() -> Callable[..., Prediction]:
    """Build a prediction."""

    def build(**changes: Any) -> Prediction:  # noqa: ANN401 - any field of a prediction
        fields: dict[str, Any] = {
            "model": "cold-1",
            "lang": "fi",
            "theme": "services",
            "themes": ("services", "roles"),
            "confidence": 0.8125,
            "scores": {"services": 0.7, "roles": 0.2, "none": 0.1},
            "reasons": (Reason(kind="word", text="lähikirjasto", weight=1.5),),
            "projects": ("library",),
            "phenomena": ("climate",),
        }
        return Prediction(**(fields | changes))

    return build


@pytest.fixture(params=VILLAGES)
def village(request: pytest.FixtureRequest) -> Village:
    """One network's person."""
    return VILLAGES[request.param]


@pytest.fixture
def forgotten() -> list[str]:
    """Texts that whoever keeps something outside the database was told to forget."""
    return []


@pytest.fixture
def custody(tmp_path: Path, forgotten: list[str]) -> Custody:
    """A ledger and a key in a data directory."""
    return Custody(keys=Keys(tmp_path / "erasure.key"), ledger=tmp_path / LEDGER, forget_texts=forgotten.extend)


@pytest.fixture
def kept(corpus: Corpus, database_url: str, custody: Custody) -> Iterator[Corpus]:
    """The corpus as the program opens it."""
    del corpus  # whose tables it has
    with Corpus.open(database_url, custody=custody) as opened:
        yield opened
