"""What every source promises. A new network is one file in ``collector/sources/``, one line in its registry."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar, runtime_checkable

from collector.retry import Patience
from corpus.post import Gone, Post, Via

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A record that could not become a post; it is kept aside and the rest goes on."""

    position: int
    """Line of a file, counted from 1; of an answer, the place in its list, counted from 1."""
    reason: str
    record: str
    """The record as it came, cut; empty where it may not be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Part of what a source answered, converted."""

    posts: tuple[Post, ...]
    position: str
    """Where a later round continues if this one stops after this page: opaque text of the source."""
    watermark: str | None = None
    """The same, on the page that completes the span and only there: networks answer newest first, and a stopped round
    must not skip the older posts."""
    rejected: tuple[Rejected, ...] = ()
    partial_errors: int = 0
    """Things that the network could not show beside the posts, such as a deleted quoted post. No failure."""
    not_before: datetime | None = None
    """The network asked for no further request before this."""
    shown_from: datetime | None = None
    """What is older may have been there since the last round and is not shown any more; None: nothing is lost so."""


class Source(Protocol):
    """One configured place that is read."""

    @property
    def name(self) -> str:
        """Unique name from the configuration."""

    @property
    def network(self) -> str:
        """The service that it belongs to."""

    @property
    def reach(self) -> timedelta | None:
        """How far back the network answers; None where it keeps everything."""

    def fetch(self, position: str | None, patience: Patience) -> Generator[Page, None, None]:
        """Yield pages of what is new since a position and of spans that earlier rounds left unfinished.

        Nothing is asked before the first page is taken, and no page before it is needed.

        Args:
            position: what the last stored page said; None for the first time.
            patience: how long may be waited for the network.

        Raises:
            SourceUnavailableError: the network asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the network or the configuration does not allow it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A post whose discussion is asked for."""

    native_id: str
    discussion: str | None
    """The network's own name for the thread, where it has one."""
    url: str | None
    since: str | None = None
    """Native id of the newest post of the thread that is known: networks that can, answer what came later only."""


@runtime_checkable
class Threaded(Protocol):
    """A source that can show the discussion around a post."""

    def thread(self, opening: Opening, depth: int, patience: Patience) -> Generator[Page, None, None]:
        """Yield pages of replies and quotes around a post, with ``via="thread"``; one request a page.

        The position of a page is of no use here. The last page has a watermark, any text.

        Args:
            opening: the post.
            depth: answers to answers that are followed; 1 is the answers to the post itself.
            patience: how long may be waited for the network.

        Raises:
            SourceUnavailableError: the network asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the network or the configuration does not allow it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a network says of posts that are asked for by their ids."""

    posts: tuple[Post, ...] = ()
    """As they are now; ``via`` is of no meaning, since what is known of a post stays."""
    gone: Mapping[str, Gone] = field(default_factory=dict)
    """Native id to why it is no longer there, where the network says so."""
    missing: frozenset[str] = frozenset()
    """Ids that the network left out without a word: gone only if it does so again, since a whole answer may be wrong.

    An id in none of the three could not be judged, and is asked for again.
    """
    unasked: frozenset[str] = frozenset()
    """Ids that the request did not hold, or that need another one: they are given again in the same sweep."""
    rejected: tuple[Rejected, ...] = ()
    not_before: datetime | None = None
    """The network asked for no further request before this."""


@runtime_checkable
class Seeing(Protocol):
    """A source that can be asked for posts by their ids."""

    @property
    def most_at_once(self) -> int:
        """Ids that one request may hold."""

    def look_up(self, native_ids: Sequence[str], patience: Patience) -> Sighting:
        """Return what has become of at most ``most_at_once`` posts; one request.

        Raises:
            SourceUnavailableError: the network asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the network or the configuration does not allow it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a stream told since it last spoke, in a moment's worth."""

    position: str
    """Where to go on after it: opaque text of the source."""
    reached_at: datetime | None
    """Everything before this instant was told; None where nothing was yet."""
    posts: tuple[Post, ...] = ()
    """Those that somebody is interested in."""
    edits: tuple[Post, ...] = ()
    """Other posts as they are now, of interest only where they are known."""
    deleted: frozenset[str] = frozenset()
    """Native ids of posts that are no longer there, known or not."""
    left: Mapping[str, Gone] = field(default_factory=dict)
    """Authors, by native id, of whom nothing is to be shown any more."""
    handles: Mapping[str, str] = field(default_factory=dict)
    """How authors are called now, by native id."""
    unread: int = 0
    """Things that could not be read, so that nobody knows whether they were ours."""
    events: int = 0
    is_gap: bool = False
    """What came between the last position and this is lost here: another way must fill it."""
    is_live: bool = False
    """Nothing more is waiting."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was told that could concern anybody."""
        return not (self.posts or self.edits or self.deleted or self.left or self.handles or self.is_gap)


Interest = Callable[[Post], Via | None]
"""Returns how a post belongs to what is watched; None where it does not."""


@runtime_checkable
class Streaming(Protocol):
    """A source that can tell what happens as it happens."""

    @property
    def has_stream(self) -> bool:
        """Whether one is configured."""

    def listen(self, position: str | None, interest: Interest, patience: Patience) -> Generator[Heard, None, None]:
        """Yield what is told, about once a second even where nothing is; the connection ends with the generator.

        Args:
            position: what the last stored moment said; None for the first time: only what comes from now on.
            interest: which posts are ours.
            patience: the clock.

        Raises:
            SourceUnavailableError: the server did not answer, broke off, or asked us to wait.
            SourceRefusedError: it does not let us in.
        """

    def introduced(self, posts: Sequence[Post], patience: Patience) -> Sequence[Post]:
        """Return posts of a stream with what it does not tell: who their authors are, and who opted out.

        Posts that the network does not show are left out, since the rounds find them when it does.

        Raises:
            SourceUnavailableError: the network asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the network or the configuration does not allow it.
        """


class Memory(Protocol):
    """Keyed facts in JSON, which the corpus keeps."""

    def get(self, key: str) -> Any:  # noqa: ANN401 - JSON
        """Return a fact, or None where there is none."""

    def change(self, key: str, turn: Callable[[Any], tuple[object, T]], *, now: datetime) -> T:
        """Put what a fact becomes in its place, and return what the turn says besides; nobody changes it meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a backfill or a list of ids would bring."""

    posts: int
    """According to the network, or as many as are asked for."""
    usd: float
    """The most that it costs, in US dollars."""
    left_usd: float | None
    """Of this month's budget; None without one."""


@runtime_checkable
class Billed(Protocol):
    """A source that costs money."""

    def keep_account(self, memory: Memory) -> None:
        """Keep its account there; with a budget and without an account it asks nothing."""

    def has_means_again(self, paused_until: datetime, now: datetime) -> bool:
        """Return whether a pause was for want of money that is there by now."""

    def price(self, posts: int, now: datetime) -> Estimate:
        """Return the most that a number of posts costs."""


@runtime_checkable
class Noting(Protocol):
    """A source that must remember more than its position, such as a server's own ids of posts."""

    def keep_notes(self, memory: Memory) -> None:
        """Keep its notes there; without it they last as long as the source."""


def lend(source: Source, memory: Memory) -> None:
    """Give a source that keeps an account or notes the place for them."""
    if isinstance(source, Billed):
        source.keep_account(memory)
    if isinstance(source, Noting):
        source.keep_notes(memory)


@runtime_checkable
class Counting(Protocol):
    """A source that can tell how many posts there are without showing them."""

    def count_hours(self, start: datetime, end: datetime, patience: Patience) -> Mapping[datetime, int]:
        """Return the posts under the hashtags by the hour in which they were made, as far as the network counts.

        Raises:
            SourceUnavailableError: the network asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the network or the configuration does not allow it.
        """


@runtime_checkable
class Archived(Protocol):
    """A source whose posts of any time can be asked for."""

    def estimate(self, start: datetime, end: datetime, patience: Patience) -> Estimate:
        """Return how many posts were made in [start, end), and what reading them costs.

        Raises:
            SourceUnavailableError: the network asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the network or the configuration does not allow it.
        """

    def fetch_between(
        self, start: datetime, end: datetime, position: str | None, patience: Patience
    ) -> Generator[Page, None, None]:
        """Yield pages of the posts made in [start, end), from a position on; the last has a watermark.

        Raises:
            SourceUnavailableError: the network asked us to wait, or did not answer in a usable way.
            SourceRefusedError: the network or the configuration does not allow it.
        """
