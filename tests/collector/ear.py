"""A source with a stream on loopback, and a corpus: what hears."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from collector.collect import collect_sources
from collector.round import Overheard, Round
from collector.source import Heard
from collector.sources.bluesky import BlueskySource
from collector.stream import catch_up, follow_stream, hear
from corpus.post import Post
from tests.collector.fake_bluesky import FakeBluesky
from tests.collector.fake_stream import FakeStream

if TYPE_CHECKING:
    from tests.collector.conftest import Bench


class Ear:
    """A source with a stream on loopback, and a corpus."""

    def __init__(self, bench: "Bench", stream: FakeStream) -> None:
        assert isinstance(bench.network, FakeBluesky)
        self.bench, self.stream, self.clock = bench, stream, bench.clock
        self.search = bench.network
        bench.settings = replace(bench.settings, stream=stream.url, timeout=1.0)

    def hear(self, *faults: str) -> Overheard:
        """Catch up over a connection that goes wrong."""
        self.stream.faults.extend(faults)
        bench = self.bench
        found = catch_up(
            self.source(),
            bench.corpus,
            programme=bench.programme,
            settings=bench.settings,
            clock=bench.clock,
            rest=bench.clock.rest,
        )
        assert found is not None
        return found

    def hear_until(self, is_over: Callable[[Heard], bool]) -> Overheard:
        """Hear over one connection."""
        bench = self.bench
        return hear(
            self.source(),
            bench.corpus,
            programme=bench.programme,
            settings=bench.settings,
            clock=bench.clock,
            rest=bench.clock.rest,
            is_over=is_over,
        )

    def source(self) -> BlueskySource:
        """Open the source."""
        source = self.bench.source()
        assert isinstance(source, BlueskySource)
        return source

    def follow(self, times: int, *faults: str) -> list[Overheard]:
        """Listen until so many connections have ended."""
        self.stream.faults.extend(faults)
        bench, told = self.bench, list[Overheard]()
        follow_stream(
            self.source(),
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


def anchored(ear: Ear) -> Ear:
    """Return somebody who has heard one event, and so knows where to go on."""
    assert ear.hear().complete
    return ear
