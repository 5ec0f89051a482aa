"""Timelines that are answered newest first, one after another, as the pages of a round."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from collector.source import Page, Rejected
from collector.span import Hole, Position, Stretch, follow
from corpus.post import Post


class Held(Protocol):
    """What one answer holds."""

    @property
    def posts(self) -> Sequence[Post]:
        """Its posts."""

    @property
    def rejected(self) -> Sequence[Rejected]:
        """Its records that are none."""


T = TypeVar("T", bound=Held)


def pages_of(
    position: str | None,
    hashtags: tuple[str, ...],
    ask: Callable[[str, Hole], Iterator[Stretch[T]]],
    not_before: Callable[[], datetime | None],
) -> Iterator[Page]:
    """Yield pages of each hashtag's timeline, what is new first, then what earlier rounds left unfinished.

    Args:
        position: what the last stored page said.
        hashtags: one timeline each.
        ask: asks for what of a hashtag was not read, newest first.
        not_before: when the network may be asked again after the latest answer.
    """
    place = Position.read(position, hashtags)
    for hashtag in hashtags:
        for line, stretch in follow(place.lines[hashtag], partial(ask, hashtag)):
            place = place.moved(hashtag, line)
            is_whole = hashtag == hashtags[-1] and stretch.is_last and not line.holes
            yield Page(
                posts=tuple(stretch.holds.posts),
                rejected=tuple(stretch.holds.rejected),
                position=str(place),
                watermark=str(place) if is_whole else None,
                not_before=not_before(),
            )
