"""The heat strip of a week: what is drawn of each hour, and the same as numbers. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from corpus.ledger import HourCoverage, HourState

CELL, ROW = 40, 16
"""Width and height of an hour, gaps included."""
_WIDE, _HIGH = 36, 12
_ORDER: tuple[HourState, ...] = ("failed", "refused", "rate_limited", "paused", "off")
"""Troubles, as the legend lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Hours side by side that are missing for one reason."""

    source: str
    state: HourState
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of all sources."""

    on: date
    hours: int
    """23 or 25 where clocks change; fewer where the day is not over."""
    paths: Mapping[str, str]
    """Class to the outline of its hours."""
    counts: Mapping[str, Mapping[str, int]]
    """Of each source how many hours are in which state."""
    missing: tuple[Stretch, ...]
    refilled: Mapping[str, int]
    """Hours of each source that were collected late."""

    @property
    def width(self) -> int:
        """Of its drawing: a day that is not over is not drawn wider for it."""
        return max(self.hours, 24) * CELL

    @property
    def height(self) -> int:
        """Of its drawing."""
        return len(self.counts) * ROW


def days(hours: Mapping[str, Sequence[HourCoverage]], zone: tzinfo) -> list[Day]:
    """Return the days of sources' hours, in the sources' order; days are those of the programme's time zone."""
    by_day: dict[date, dict[str, list[HourCoverage]]] = {}
    for source, some in hours.items():
        for hour in some:
            on = hour.hour_at.astimezone(zone).date()
            by_day.setdefault(on, {name: [] for name in hours})[source].append(hour)
    return [_day(on, by_day[on]) for on in sorted(by_day)]


def troubles(found: Sequence[Day]) -> list[HourState]:
    """Return which troubles the days show, for the legend."""
    seen = {stretch.state for day in found for stretch in day.missing}
    return [state for state in _ORDER if state in seen]


def _day(on: date, hours: Mapping[str, Sequence[HourCoverage]]) -> Day:
    paths: dict[str, list[str]] = {}
    for row, some in enumerate(hours.values()):
        for column, hour in enumerate(some):
            x, y = column * CELL + 2, row * ROW + 1
            for tone, path in _cell(hour, x, y):
                paths.setdefault(tone, []).append(path)
    return Day(
        on=on,
        hours=max(map(len, hours.values()), default=0),
        paths={tone: "".join(paths[tone]) for tone in paths},
        counts={source: _counted(some) for source, some in hours.items()},
        missing=tuple(stretch for source, some in hours.items() for stretch in _stretches(source, some)),
        refilled={
            source: late for source, some in hours.items() if (late := sum(hour.was is not None for hour in some))
        },
    )


def _counted(hours: Sequence[HourCoverage]) -> dict[str, int]:
    return dict(Counter(hour.state for hour in hours))


def _cell(hour: HourCoverage, x: int, y: int) -> list[tuple[str, str]]:
    """Return class and outline of what is drawn of an hour: a shape of its own for each state, never colour alone."""
    whole = f"M{x} {y}h{_WIDE}v{_HIGH}h-{_WIDE}z"
    if hour.state in ("covered", "empty"):
        drawn = [("h-ok" if hour.state == "covered" and hour.was is None else "h-quiet", whole)]
        if hour.was is not None:
            drawn.append(("h-late", f"M{x} {y + _HIGH // 2}h{_WIDE}v{_HIGH // 2}h-{_WIDE}z"))
        return drawn
    inner = {
        "failed": f"M{x} {y}l{_WIDE} {_HIGH}m0-{_HIGH}l-{_WIDE} {_HIGH}",
        "refused": f"M{x + 6} {y + 6}h{_WIDE - 12}",
        "rate_limited": f"M{x} {y + _HIGH}l{_WIDE}-{_HIGH}",
        "paused": f"M{x + 13} {y + 2}v{_HIGH - 4}m10-{_HIGH - 4}v{_HIGH - 4}",
        "off": "",
    }[hour.state]
    return [("h-off" if hour.state == "off" else "h-gap", whole + inner)]


def _stretches(source: str, hours: Sequence[HourCoverage]) -> list[Stretch]:
    found: list[Stretch] = []
    for hour in hours:
        if hour.state in ("covered", "empty"):
            continue
        end = hour.hour_at + timedelta(hours=1)
        if found and (found[-1].to_at, found[-1].state) == (hour.hour_at, hour.state):
            found[-1] = Stretch(source=source, state=hour.state, from_at=found[-1].from_at, to_at=end)
        else:
            found.append(Stretch(source=source, state=hour.state, from_at=hour.hour_at, to_at=end))
    return found
