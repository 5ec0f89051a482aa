"""The program's clock: the machine's, or one that starts at a given instant for rehearsals and checks."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from programme.errors import MisuseError

Clock = Callable[[], datetime]
"""Returns the current instant, aware and in UTC."""
_YEARS = range(1990, 9000)
"""Within them every instant has weeks before and behind it that the calendar knows."""


def machine_clock() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


def clock_from(instant: datetime) -> Clock:
    """Return a clock that shows ``instant`` now and runs on from there at the usual speed.

    It runs, since a job that waits for a network compares instants before and after its rest.
    """
    started = time.monotonic()
    return lambda: instant + timedelta(seconds=time.monotonic() - started)


def read_instant(text: str) -> datetime:
    """Return an ISO 8601 instant in UTC; one without an offset is taken as UTC.

    Raises:
        MisuseError: it is no instant.
    """
    remedy = "Write it like 2026-11-23T05:00:00Z."
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise MisuseError(f"{text!r} is no instant.", remedy) from error
    if instant.year not in _YEARS:
        raise MisuseError(f"{text!r} is no year of this program: {_YEARS[0]} to {_YEARS[-1]}.", remedy)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
