"""When scheduled things are due: pure arithmetic over weekdays, time zones and instants."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from programme.errors import MisuseError
from programme.week import Week

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WRITTEN = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyTime:
    """A weekday and a local time, like ``mon 07:00``.

    Weekdays are names: in crontabs and schedulers the number 1 is Monday to some and Tuesday to others.
    """

    weekday: int
    """0 is Monday."""
    at: time

    @classmethod
    def written(cls, text: str) -> "WeeklyTime":
        """Return the time that ``mon 07:00`` names.

        Raises:
            MisuseError: it names none.
        """
        found = _WRITTEN.fullmatch(text)
        if not found:
            raise MisuseError(f"{text!r} is no weekday and time.", "Write it like `mon 07:00`.")
        return cls(weekday=WEEKDAYS.index(found[1]), at=time(int(found[2]), int(found[3])))

    def in_week(self, week: Week, zone: ZoneInfo) -> datetime:
        """Return its instant in a week, in UTC.

        An hour that clocks skip is taken as it would have been before the change, one that they repeat as the first.
        """
        local = datetime.combine(week.monday + timedelta(days=self.weekday), self.at, zone)
        return local.astimezone(UTC)


def due_slots(
    weekly: WeeklyTime, zone: ZoneInfo, *, after: datetime | None, now: datetime, at_most: int = 8
) -> Iterator[tuple[Week, datetime]]:
    """Yield (the week that had just ended, slot) for each slot in (after, now], oldest first.

    Without ``after``, as on the first start, only the latest slot. The week before the slot's week is the one reported.
    """
    this_week = Week.of(now, zone)
    slots = [(week.plus(-1), weekly.in_week(week, zone)) for week in (*this_week.before(at_most), this_week)]
    passed = [(week, slot) for week, slot in slots if slot <= now]
    if after is None:
        yield from passed[-1:]
        return
    yield from [(week, slot) for week, slot in passed if slot > after][-at_most:]


def interval_slot(every: timedelta, now: datetime) -> datetime:
    """Return the latest multiple of ``every`` since 1970 that is not after ``now``: the same on every host."""
    seconds = max(int(every.total_seconds()), 1)
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
