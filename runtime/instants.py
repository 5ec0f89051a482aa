"""Dates and instants as people write them on the command line."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from programme.errors import MisuseError


def instant(option: str, text: str, zone: ZoneInfo) -> datetime:
    """Return an instant; a date is its midnight in a time zone.

    Raises:
        MisuseError: it cannot be read.
    """
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone)
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MisuseError(f"{option} {text!r} is no date.", "Write it like 2026-01-31.") from error
