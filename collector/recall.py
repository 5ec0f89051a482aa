"""What a network can still give of hours that were missed, and until when: pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from collector.hours import HOUR, hour_of
from collector.x_bill import EACH
from corpus.ledger import State

Way = Literal["next_round", "mend", "switch_on", "document", "backfill", "lost"]
"""How a gap is filled: by the next round; by the next one once somebody has mended the source, or switched it on; by
the next one as far as a feed's document goes; by ``backfill``, for money; or not at all."""
_IN_TROUBLE = frozenset({"failing", "refused", "paused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """How far back a network answers."""

    window: timedelta | None = None
    """Age up to which its rounds find posts; None: its timelines go back to their beginning."""
    usd_a_post: float | None = None
    """The most that a post of its archive costs; None: it has no archive that may be searched."""
    is_document: bool = False
    """It shows what its document holds, and drops the oldest without a word."""


RECALLS: Mapping[str, Recall] = {
    "x": Recall(window=timedelta(days=7), usd_a_post=EACH["tweet"] / 1000),
    "feed": Recall(is_document=True),
}
"""By network; the timelines of all others go back to their beginning."""
_TO_THE_BEGINNING = Recall()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides whether a source fills its gaps by itself."""

    is_enabled: bool
    state: State | None
    last_success_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What can be done about a piece of a gap."""

    from_at: datetime
    to_at: datetime
    way: Way
    until: datetime | None = None
    """The network gives the whole of it up to this instant; None: it names no end, or gives nothing any more."""

    @property
    def is_refillable(self) -> bool:
        """Whether the network still has what is missing."""
        return self.way != "lost"


def recall_of(network: str) -> Recall:
    """Return how far back a network answers."""
    return RECALLS.get(network, _TO_THE_BEGINNING)


def remedies(recall: Recall, standing: Standing, from_at: datetime, to_at: datetime, now: datetime) -> Iterator[Remedy]:
    """Yield what can be done about the hours in [from_at, to_at), in pieces where it is not the same for all of them.

    What lies before the last complete round is not asked for again: then the network did not have it, or not any more.
    """
    read_up_to = [hour_of(standing.last_success_at)] if standing.last_success_at is not None else []
    if recall.window is not None:
        # The hour in which the window begins is half gone.
        read_up_to.append(hour_of(now - recall.window + HOUR - timedelta(microseconds=1)))
    split = min(max([from_at, *read_up_to]), to_at)
    if from_at < split:
        yield Remedy(from_at=from_at, to_at=split, way="backfill" if recall.usd_a_post is not None else "lost")
    if split < to_at:
        until = split + recall.window if recall.window is not None else None
        yield Remedy(from_at=split, to_at=to_at, way=_way(recall, standing), until=until)


def _way(recall: Recall, standing: Standing) -> Way:
    if not standing.is_enabled:
        return "switch_on"
    if standing.state in _IN_TROUBLE:
        return "mend"
    return "document" if recall.is_document else "next_round"
