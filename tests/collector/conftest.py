"""Networks on loopback, and rounds against them."""

import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from collector.collect import Bounds, collect_round, collect_sources
from collector.retry import Patience
from collector.round import Round
from collector.source import Seeing, Source
from collector.sources import SOURCES, open_source
from collector.sweep import Swept, sweep_source
from corpus.store import Corpus
from programme.types import Localised, Programme, SourceSettings
from tests.collector.ear import Ear, anchored
from tests.collector.fake_bluesky import HANDLE, PASSWORD, FakeBluesky
from tests.collector.fake_feed import FakeFeed
from tests.collector.fake_lemmy import FakeLemmy
from tests.collector.fake_mastodon import TOKEN, FakeMastodon
from tests.collector.fake_stream import FakeStream
from tests.collector.fake_wire import Clock
from tests.collector.fake_x import BEARER, FakeX

SECRETS = {"X_BEARER_TOKEN": BEARER, "TOKEN_MASTODON": TOKEN, "TOKEN_BLUESKY": PASSWORD}
SILENCES = frozenset({"slow", "drip"})
"""Faults of a server that does not come to an end."""
Network = FakeX | FakeMastodon | FakeBluesky | FakeFeed | FakeLemmy
FAKES: Mapping[str, type[Network]] = {
    "x": FakeX,
    "mastodon": FakeMastodon,
    "bluesky": FakeBluesky,
    "feed": FakeFeed,
    "lemmy": FakeLemmy,
}


class Bench:
    """One network on loopback, one corpus, and a clock: what a round needs."""

    def __init__(self, network: Network, corpus: Corpus, programme: Programme, directory: Path) -> None:
        self.network = network
        self.clock = network.clock
        self.corpus = corpus
        self.programme = programme
        self.directory = directory
        self.secrets: dict[str, str] = dict(SECRETS)
        self.settings = SourceSettings(
            name=network.network,
            network=network.network,
            enabled=True,
            base_url=network.url,
            every=timedelta(minutes=15),
            government_use_attested=True,
            timeout=5.0,
            options={"handle": HANDLE} if network.network == "bluesky" else {},
        )

    @property
    def patient(self) -> SourceSettings:
        """The settings, with a short time-out where silence is what is tried: elsewhere a busy machine is no fault."""
        is_silent = not SILENCES.isdisjoint(self.network.faults)
        return replace(self.settings, timeout=0.35) if is_silent else self.settings

    def source(self) -> Source:
        """Open the source."""
        return open_source(self.patient, self.programme, self.secrets.get)

    def patience(self) -> Patience:
        """Return a round's allowance for waiting."""
        return Patience(clock=self.clock, rest=self.clock.rest, chance=random.Random(1))

    def collect(self, *faults: str, bounds: Bounds | None = None) -> Round:
        """Run a round in which the first answers go wrong."""
        self.network.faults.extend(faults)
        found = collect_round(
            self.source(),
            self.corpus,
            programme=self.programme,
            settings=self.patient,
            clock=self.clock,
            rest=self.clock.rest,
            data_directory=self.directory,
            bounds=bounds,
        )
        self.network.faults.clear()
        return found

    def collect_and_follow(self) -> Round:
        """Run a round, and then its discussions."""
        (found,) = collect_sources(
            [self.patient],
            self.corpus,
            programme=self.programme,
            secrets=self.secrets.get,
            clock=self.clock,
            rest=self.clock.rest,
            data_directory=self.directory,
        )
        return found

    def sweep(self, *faults: str) -> Swept:
        """Sweep once; the first answers go wrong."""
        self.network.faults.extend(faults)
        source = self.source()
        assert isinstance(source, Seeing)
        found = sweep_source(
            source,
            self.corpus,
            settings=self.patient,
            clock=self.clock,
            rest=self.clock.rest,
            data_directory=self.directory,
        )
        self.network.faults.clear()
        return found

    def stored(self) -> set[str]:
        """Return the native ids in the corpus."""
        return {found.stored.post.native_id for found in self.corpus.posts.all_classified()}


@pytest.fixture(scope="session")
def watched() -> Programme:
    """A programme that watches one hashtag."""
    return Programme(
        slug="keksitty",
        name=Localised({"fi": "Keksitty ohjelma"}),
        languages=("fi", "sv"),
        time_zone="Europe/Helsinki",
        hashtags=("tulevaisuudenkunta",),
        themes=(),
    )


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty corpus: migrating it once is enough."""
    path = tmp_path_factory.mktemp("empty") / "kuntakaiku.db"
    Corpus.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def one_corpus(tmp_path: Path, empty_database: Path) -> Iterator[Corpus]:
    """An empty corpus in SQLite, for what does not depend on the database."""
    path = tmp_path / "kuntakaiku.db"
    shutil.copy(empty_database, path)
    with Corpus.open(f"sqlite:///{path}") as corpus:
        yield corpus


@pytest.fixture
def bench_of(one_corpus: Corpus, watched: Programme, tmp_path: Path) -> Iterator[Callable[[Network], Bench]]:
    """Start a network and return what a round against it needs."""
    with ExitStack() as stack:
        yield lambda network: Bench(stack.enter_context(network), one_corpus, watched, tmp_path)


@pytest.fixture
def x_bench(bench_of: Callable[[Network], Bench], clock: Clock) -> Bench:
    """X on loopback."""
    return bench_of(FakeX(clock))


@pytest.fixture
def mastodon_bench(bench_of: Callable[[Network], Bench], clock: Clock) -> Bench:
    """Mastodon on loopback."""
    return bench_of(FakeMastodon(clock))


@pytest.fixture
def bluesky_bench(bench_of: Callable[[Network], Bench], clock: Clock) -> Bench:
    """Bluesky on loopback."""
    return bench_of(FakeBluesky(clock))


@pytest.fixture
def feed_bench(bench_of: Callable[[Network], Bench], clock: Clock) -> Bench:
    """A site with a feed on loopback."""
    return bench_of(FakeFeed(clock))


@pytest.fixture(params=list(SOURCES))
def bench(request: pytest.FixtureRequest, bench_of: Callable[[Network], Bench], clock: Clock) -> Bench:
    """Every network of the registry, one after the other."""
    return bench_of(FAKES[request.param](clock))


@pytest.fixture(params=[network for network in SOURCES if hasattr(FAKES[network], "retract")])
def seeing_bench(request: pytest.FixtureRequest, bench_of: Callable[[Network], Bench], clock: Clock) -> Bench:
    """Every network that can be asked for posts by their ids."""
    return bench_of(FAKES[request.param](clock))


@pytest.fixture(params=[network for network in SOURCES if FAKES[network].is_paged])
def paged_bench(request: pytest.FixtureRequest, bench_of: Callable[[Network], Bench], clock: Clock) -> Bench:
    """Every network whose news come in several answers; a feed is one."""
    return bench_of(FAKES[request.param](clock))


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
    return anchored(Ear(bench_of(FakeBluesky(clock)), stream))


@pytest.fixture
def firehose_ear(bench_of: Callable[[Network], Bench], clock: Clock, firehose: FakeStream) -> Ear:
    """The same with a firehose."""
    return anchored(Ear(bench_of(FakeBluesky(clock)), firehose))
