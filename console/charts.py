"""Charts as shapes: where each bar stands, which tone an area has, what a change may be worth. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

TONES = 4
"""Of the map, besides the one for areas of which too little is known."""
_Z = 1.96
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    """Class: ``now`` the last one, ``gap`` where nothing was collected, empty for others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A series as bars on a common ground."""

    width: float
    height: float
    bars: tuple[Bar, ...]
    usual_y: float | None
    """Height of the usual level; None where it is not drawn."""
    top: int
    """The number at the upper edge."""


def bars(
    series: Sequence[int | None], *, width: float, height: float, top: int | None = None, usual: float | None = None
) -> Bars:
    """Return a series as bars: nothing said is a thin line, nothing collected an outline.

    Args:
        series: numbers, oldest first; None where nothing was collected.
        width: of the drawing.
        height: of the drawing.
        top: what the upper edge stands for; the highest number where None.
        usual: level at which a line is drawn.
    """
    highest = top or max([number for number in series if number] + [1])
    step = width / max(len(series), 1)
    wide = step * 0.72
    found = []
    for place, number in enumerate(series):
        x = place * step + (step - wide) / 2
        if number is None:
            found.append(Bar(x=_short(x), y=1, width=_short(wide), height=height - 2, tone="gap"))
            continue
        high = max(number / highest * (height - 2), 1)
        tone = "now" if place == len(series) - 1 else ""
        found.append(Bar(x=_short(x), y=_short(height - high), width=_short(wide), height=_short(high), tone=tone))
    line = None if usual is None or usual > highest else _short(height - usual / highest * (height - 2))
    return Bars(width=width, height=height, bars=tuple(found), usual_y=line, top=highest)


def nice_top(highest: int) -> int:
    """Return a round number at or above another, for the upper edge of a chart."""
    size = 1
    while True:
        for step in (1, 2, 5):
            if step * size >= highest:
                return max(step * size, 1)
        size *= 10


def tones(rates: Mapping[str, float | None]) -> tuple[Mapping[str, int], tuple[float, ...]]:
    """Return the tone of each area, 1 for the least, and the lower bounds of the tones above the first.

    Areas are parted into as equal heaps as ties allow; 0 is an area without a rate.
    """
    known = sorted(rate for rate in rates.values() if rate is not None)
    bounds = tuple(dict.fromkeys(known[len(known) * part // TONES] for part in range(1, TONES) if known))
    bounds = tuple(bound for bound in bounds if bound > known[0]) if known else ()
    return {
        code: 0 if rate is None else 1 + sum(rate >= bound for bound in bounds) for code, rate in rates.items()
    }, bounds


def change(before: int, after: int, *, weeks_before: float, weeks_after: float) -> tuple[float, float, float] | None:
    """Return how many times as much a week there is, and the ends of its 95 % interval; None where one is nothing.

    The interval is that of two Poisson counts: what is left of a change once chance is allowed for.
    """
    if not before or not after:
        return None
    ratio = (after / weeks_after) / (before / weeks_before)
    width = _Z * sqrt(1 / before + 1 / after)
    return ratio, exp(log(ratio) - width), exp(log(ratio) + width)


def _short(number: float) -> float:
    return round(number, 1)
