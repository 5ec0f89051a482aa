"""ISO weeks in the programme's time zone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from programme.errors import MisuseError

_NAME = re.compile(r"([0-9]{4})-W([0-9]{2})")
_YEARS = range(1990, 9000)
"""Before them there are no posts; behind them the calendar ends, and every week has neighbours."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Week:
    """An ISO week: Monday 00:00 up to the next Monday 00:00 in the programme's time zone.

    Named by ``date.isocalendar()``: Babel's week numbers are wrong for bare ``fi``, ``sv`` and ``en``.
    """

    year: int
    """ISO year, which near New Year differs from the calendar's."""
    number: int
    """1 to 52 or 53."""

    @classmethod
    def named(cls, name: str) -> "Week":
        """Return the week of a name like ``2026-W47``.

        Raises:
            MisuseError: there is no such week.
        """
        found = _NAME.fullmatch(name)
        if found and int(found[1]) not in _YEARS:
            found = None
        if found:
            try:
                date.fromisocalendar(int(found[1]), int(found[2]), 1)
            except ValueError:
                found = None
        if not found:
            raise MisuseError(f"There is no week {name!r}.", "Write it like 2026-W47.")
        return cls(year=int(found[1]), number=int(found[2]))

    @classmethod
    def of(cls, instant: datetime, zone: ZoneInfo) -> "Week":
        """Return the week in which an aware instant falls."""
        iso = instant.astimezone(zone).isocalendar()
        return cls(year=iso.year, number=iso.week)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"

    @property
    def monday(self) -> date:
        """The first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """The last day."""
        return self.monday + timedelta(days=6)

    def start_at(self, zone: ZoneInfo) -> datetime:
        """Return the first instant, in UTC."""
        return datetime.combine(self.monday, time(), zone).astimezone(UTC)

    def end_at(self, zone: ZoneInfo) -> datetime:
        """Return the first instant after it, in UTC."""
        return self.plus(1).start_at(zone)

    def plus(self, weeks: int) -> "Week":
        """Return the week that many weeks later, or earlier where negative."""
        iso = (self.monday + timedelta(weeks=weeks)).isocalendar()
        return Week(year=iso.year, number=iso.week)

    def before(self, weeks: int) -> list["Week"]:
        """Return the given number of weeks before this one, oldest first."""
        return [self.plus(-n) for n in range(weeks, 0, -1)]

    def hours(self, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield the start of each of its hours in UTC: 168, or one more or fewer where clocks change."""
        hour, end = self.start_at(zone), self.end_at(zone)
        while hour < end:
            yield hour
            hour += timedelta(hours=1)


@lru_cache(maxsize=8)
def zone_named(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; its existence was checked with the configuration."""
    return ZoneInfo(name)
