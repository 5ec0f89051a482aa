"""One schedule of faults from its first round to two quiet ones, with what must hold at each step."""

import shutil
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from collector.collect import Bounds, collect_round
from collector.round import Round
from collector.sources import open_source
from corpus.post import Post
from corpus.store import Corpus
from programme.types import Localised, Programme, SourceSettings
from tests.collector.conftest import SECRETS
from tests.collector.fake_bluesky import HANDLE
from tests.collector.fake_wire import Clock
from tests.faults.schedule import Schedule, drawn
from tests.faults.troubled import (
    TAGS,
    TIMEOUT,
    TROUBLED,
    Network,
    Skewed,
    TroubledMastodon,
)

MOST = 1.2
"""Requests that may be needed for each of the minimum, over many schedules."""
_ROUNDS = 120
"""By then every schedule is long over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The figures of one schedule, or of several together."""

    rounds: int = 0
    posts: int = 0
    requests: int = 0
    """Searches that the network received, each hop of a redirect among them."""
    minimum: int = 0
    spoilt: int = 0

    def __add__(self, other: "Course") -> "Course":
        """Return both together."""
        return Course(
            rounds=self.rounds + other.rounds,
            posts=self.posts + other.posts,
            requests=self.requests + other.requests,
            minimum=self.minimum + other.minimum,
            spoilt=self.spoilt + other.spoilt,
        )

    @property
    def ratio(self) -> float:
        """How many times the minimum was asked."""
        return self.requests / max(self.minimum, 1)


def run(network: str, seed: int, empty_database: Path) -> Course:
    """Run the schedule of a seed against a network and return its figures.

    The minimum is what somebody would have asked who knew beforehand what there is, and where it stands, but must ask
    to see it: for each round and each hashtag's timeline one request for every full page of the posts that the round
    brought, at least one where the round reached the end, and one for each answer that the schedule spoilt. Redirects
    that were followed before they were given up, questions that the network wants put otherwise, overlaps and pages
    that only show that there is nothing more are not in it. A server of Mastodon shows what came late from another one
    among the older statuses: the posts of a day, which are read once more when another begins, are in it.

    Raises:
        AssertionError: a promise was broken; the schedule is that of the seed.
    """
    schedule = drawn(f"{network} {seed}")
    ours = Clock()
    server = TROUBLED[network](Skewed(ours, schedule.skew))
    server.follow(schedule, ours)
    with ExitStack() as stack:
        for module in ("collector.wire", "collector.sources.feed"):  # deadlines go by the simulated clock too
            stack.enter_context(patch(f"{module}.monotonic", lambda: ours().timestamp()))
        stack.enter_context(server)
        directory = stack.enter_context(TemporaryDirectory())
        return _Bench(server, schedule, ours, Path(directory), empty_database).run()


class _Bench:
    def __init__(self, server: Network, schedule: Schedule, ours: Clock, directory: Path, empty: Path) -> None:
        self._server, self._schedule, self._clock, self._directory = server, schedule, ours, directory
        self._empty = empty
        self._programme = Programme(
            slug="keksitty",
            name=Localised({"fi": "Keksitty ohjelma"}),
            languages=("fi", "sv"),
            time_zone="Europe/Helsinki",
            hashtags=TAGS[: 2 if schedule.two_hashtags else 1],
            themes=(),
        )
        self._settings = SourceSettings(
            name=server.network,
            network=server.network,
            enabled=True,
            base_url=server.url,
            every=timedelta(minutes=15),
            government_use_attested=True,
            timeout=TIMEOUT,
            options={"handle": HANDLE} if server.network == "bluesky" else {},
        )

    def run(self) -> Course:
        minimum = rounds = 0
        with self._corpus("kuntakaiku.db") as corpus:
            stored: set[str] = set()
            quiet = 0
            while quiet < 2:
                rounds += 1
                assert rounds < _ROUNDS, f"the rounds do not come to an end: {self._last.problem}"
                pages = self._until_next(rounds - 1)
                served, spoilt = len(self._server.pages), self._server.spoilt
                rested, held, there = len(self._clock.rested), self._server.held(), self._server.truth
                found = self._last = self._round(corpus, Bounds(pages=pages))
                assert sum(self._clock.rested[rested:]) <= 30, "a round waited too long"
                assert not self._server.too_early, "a request came before the time that the network named"
                now = {one.stored.post.native_id for one in corpus.posts.all_classified()}
                whole = [page for page in self._server.pages[served:] if page <= now]
                assert now - stored <= frozenset().union(*whole), "a part of a page was stored"
                if found.complete:
                    assert held & self._server.held() <= now, "a complete round left something out"
                minimum += self._least(corpus, stored, now - stored, is_complete=found.complete)
                minimum += self._server.spoilt - spoilt
                is_quiet = found.complete and now == stored and there == self._server.truth
                quiet = quiet + 1 if is_quiet and rounds >= len(self._schedule.gaps) else 0
                stored = now
            course = Course(
                rounds=rounds,
                posts=len(stored),
                requests=len(self._server.asked) + self._server.redirects,
                minimum=minimum,
                spoilt=self._server.spoilt,
            )
            self._check_truth(corpus, stored)
            return course

    def _until_next(self, number: int) -> int:
        """Let time pass and posts appear until a round, and return after how many pages it is stopped."""
        if number >= len(self._schedule.gaps):
            self._clock.pass_by(minutes=15)
            return 100
        gap = self._schedule.gaps[number]
        for step in range(gap.posts):
            self._clock.pass_by(minutes=gap.minutes / (gap.posts + 1))
            self._server.publish_one(step)
        self._clock.pass_by(minutes=gap.minutes / (gap.posts + 1))
        return gap.most_pages

    def _round(self, corpus: Corpus, bounds: Bounds | None = None) -> Round:
        return collect_round(
            open_source(self._settings, self._programme, SECRETS.get),
            corpus,
            programme=self._programme,
            settings=self._settings,
            clock=self._clock,
            rest=self._clock.rest,
            data_directory=self._directory,
            bounds=bounds,
        )

    def _corpus(self, name: str) -> Corpus:
        path = self._directory / name
        shutil.copy(self._empty, path)
        return Corpus.open(f"sqlite:///{path}")

    def _least(self, corpus: Corpus, known: set[str], fresh: set[str], *, is_complete: bool) -> int:
        """Return the fewest requests by which a round can have brought what it brought."""
        network = self._server.network
        tags = (None,) if network in ("x", "feed") else self._programme.hashtags
        page = len(fresh) or 1 if network == "feed" else self._server.page
        posts = [one.stored.post for one in corpus.posts.all_classified() if one.stored.post.native_id in fresh]
        sizes = [sum(tag is None or tag in post.hashtags for post in posts) for tag in tags]
        if isinstance(self._server, TroubledMastodon):
            again = [self._server.again(known, fresh, tag) for tag in self._programme.hashtags]
            sizes = [size + more for size, more in zip(sizes, again, strict=True)]
        return sum(max(-(-size // page), int(is_complete)) for size in sizes)

    def _check_truth(self, corpus: Corpus, stored: set[str]) -> None:
        """Check that the corpus says of all that the network holds what an undisturbed round would have stored."""
        server = self._server
        server.follow(replace(self._schedule, faults={}, meanwhile={}, aside=()), self._clock)
        server.not_before = None
        with self._corpus("undisturbed.db") as undisturbed:
            assert self._round(undisturbed).complete, "the network is not well even at the end"
            truth = _posts(undisturbed)
            assert set(truth) >= server.held()
            assert stored <= server.truth
            found = _posts(corpus)
            assert {native_id: found.get(native_id) for native_id in truth} == truth
            assert corpus.verify() == []


def _posts(corpus: Corpus) -> dict[str, Post]:
    """Return the posts of a corpus; when a feed's entry without a date was found is not compared."""
    return {one.stored.post.native_id: one.stored.post for one in corpus.posts.all_classified()}
