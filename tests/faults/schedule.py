"""What goes wrong on a wire, and when: drawn from a seed, and the same for the same seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

PASSING = (
    "500",
    "502",
    "503",
    "504",
    "html",
    "empty",
    "truncated",
    "list",
    "latin-1",
    "utf-16",
    "broken",
    "rst",
    "cut",
)
"""Answers that are none, or no whole ones; the same request may succeed at once."""
HEAVY = ("slow", "drip", "huge", "bomb", "damaged", "loop", "away")
"""Those that cost whoever waits, reads or follows without end."""
WAITING = ("429", "429 after", "429 date", "429 reset", "503 after")
"""Those by which a network asks for time: without naming it, in seconds, as a date, in its own header."""
_SHORT, _LONG = (3, 28), (40, 2_700)
"""Seconds named: within what a round may wait, and beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to one request."""

    kind: str
    """``right`` where nothing is wrong with the answer."""
    seconds: int = 0
    """What the network asks to be left alone for, where it names a time."""
    is_last: bool = False
    """The answer's headers say that it was the last one allowed for those seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What happens between two rounds."""

    minutes: float
    posts: int
    most_pages: int
    """After as many the next round is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One course of things: first posts appear, then a round takes place, and so on until two are quiet."""

    gaps: tuple[Gap, ...]
    faults: Mapping[int, Fault]
    """By the number of the request, counted from 0."""
    meanwhile: Mapping[int, int]
    """Posts that appear just before a request is answered, by its number."""
    aside: tuple[Fault, ...]
    """What happens to requests beside the searches, such as a sign-in, one after the other."""
    two_hashtags: bool
    skew: int
    """Seconds by which the network's clock is ahead of ours."""
    latency: float
    """Seconds by our clock that an answer takes."""


_LAST_DAY = Gap(minutes=26 * 60, posts=3, most_pages=100)
"""Another day begins: what came late to Mastodon is looked for then."""


def drawn(seed: str) -> Schedule:
    """Return the schedule of a seed."""
    chance = Random(seed)  # a test's chance is no secret
    likely = chance.choice((0.05, 0.2, 0.4))
    gaps = [_gap(chance, is_first=number == 0) for number in range(chance.randint(3, 8))]
    return Schedule(
        gaps=(*gaps, _LAST_DAY),
        faults=_faults(chance, likely),
        meanwhile={number: chance.randint(1, 3) for number in range(60) if chance.random() < 0.04},
        aside=tuple(_aside(chance, likely) for _ in range(8)),
        two_hashtags=chance.random() < 0.25,
        skew=chance.choice((0, 0, 0, -70, -3, 2, 90)),
        latency=chance.choice((0.0, 0.125, 0.4)),
    )


def _gap(chance: Random, *, is_first: bool) -> Gap:
    minutes = 15.0 if chance.random() < 0.8 else chance.uniform(0.5, 300)
    if chance.random() < 0.04:
        minutes = 8 * 24 * 60.0  # nobody collected for longer than X remembers
    posts = chance.choice((0, 0, 1, 3, 9, 10, 11, 24, 35)) if not is_first else chance.choice((0, 1, 25, 40))
    return Gap(minutes=minutes, posts=posts, most_pages=chance.choice((100, 100, 100, 100, 1, 2, 3)))


def _faults(chance: Random, likely: float) -> dict[int, Fault]:
    faults: dict[int, Fault] = {}
    number, heavy = 0, 0
    while number < 60:
        number += 1
        if chance.random() > likely:
            continue
        kinds: tuple[str, ...] = chance.choice((PASSING, PASSING, WAITING, WAITING, HEAVY, ("right",)))
        if kinds is HEAVY and heavy == 3:
            continue
        heavy += kinds is HEAVY
        fault = _fault(chance, chance.choice(kinds))
        for _ in range(chance.choice((1, 1, 1, 2, 3, 7)) if kinds is PASSING else 1):
            faults[number] = fault
            number += 1
    return faults


def _fault(chance: Random, kind: str) -> Fault:
    seconds = chance.randint(*chance.choice((_SHORT, _LONG)))
    is_last = kind == "right" or (kind in PASSING and chance.random() < 0.15)
    return Fault(kind=kind, seconds=seconds, is_last=is_last)


def _aside(chance: Random, likely: float) -> Fault:
    if chance.random() > likely:
        return Fault(kind="right")
    return _fault(chance, chance.choice(("503", "rst", "empty", "html", "429", "429 reset", "429 after")))
