"""Bookkeeping of what was read of a timeline that is answered newest first: pure, and the same for every network."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Hole(msgspec.Struct, frozen=True, array_like=True):
    """Posts that were not read: younger than ``above``, older than ``below``."""

    above: str | None
    """None: everything older."""
    below: str | None = None
    """None: everything younger."""
    floor: str | None = None
    """Down to which it is read, where that is further than ``above``: something known is read once more."""


class Line(msgspec.Struct, frozen=True):
    """How far one timeline was read."""

    reached: str | None = None
    """The newest id that was seen; None before the first post."""
    holes: tuple[Hole, ...] = ()
    """Newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch(Generic[T]):
    """One answer: a piece of a timeline, newest first."""

    newest: str | None
    oldest: str | None
    """None where the answer holds nothing."""
    is_last: bool
    """Nothing of what was asked for is left."""
    holds: T
    floor: str | None = None
    """As of a hole: what is left of one that was found to go further than asked for."""


Ask = Callable[[Hole], Iterator[Stretch[T]]]
"""Asks for what was not read, newest first."""


def follow(line: Line, ask: Ask[T]) -> Iterator[tuple[Line, Stretch[T]]]:
    """Yield each stretch with the line as it is once the stretch is stored: first what is new, then the oldest hole.

    Whoever stops after any stretch loses nothing: what is missing is a hole of the line that came with it.
    """
    reached, below = line.reached, None
    for stretch in ask(Hole(line.reached)):
        if below is None:
            reached = stretch.newest or reached
        below = stretch.oldest or below
        now = Line(reached, line.holes if stretch.is_last else (*_left(line.reached, below, stretch), *line.holes))
        if below is None and not stretch.is_last:
            now = line  # an empty page that is not the last: X sends such
        yield now, stretch
        if stretch.is_last:
            line = now
    for hole in reversed(line.holes):
        below = hole.below
        for stretch in ask(hole):
            below = stretch.oldest or below
            now = Line(
                line.reached, (*line.holes[:-1], *(() if stretch.is_last else _left(hole.above, below, stretch)))
            )
            yield now, stretch
            if stretch.is_last:
                line = now


def _left(above: str | None, below: str | None, stretch: Stretch[T]) -> tuple[Hole, ...]:
    return () if below is None else (Hole(above, below, stretch.floor),)


class Position(msgspec.Struct, frozen=True):
    """What a source of this kind writes as its position and watermark."""

    lines: Mapping[str, Line]
    """By what was asked for: a hashtag or a query."""
    dialect: str = ""
    """What the network was found to understand; empty for the usual."""

    @classmethod
    def read(cls, text: str | None, asked: tuple[str, ...]) -> "Position":
        """Return the position of a text, with a fresh line for what was not asked for before and none for the rest."""
        before = _decoder.decode(text) if text else cls(lines={})
        return cls(lines={key: before.lines.get(key, Line()) for key in asked}, dialect=before.dialect)

    def moved(self, key: str, line: Line) -> "Position":
        """Return the position with one line read further."""
        return msgspec.structs.replace(self, lines={**self.lines, key: line})

    def __str__(self) -> str:
        return msgspec.json.encode(self).decode()


_decoder = msgspec.json.Decoder(Position)
