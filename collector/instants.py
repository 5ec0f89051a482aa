"""Times as networks and archives write them."""

from datetime import UTC, datetime, timedelta

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
"""Clocks differ; a post from further ahead has a false date."""


def read_instant(written: object, now: datetime) -> datetime:
    """Return an aware UTC instant from text like ``2026-11-20T08:00:00.000Z`` or ``…+02:00``.

    Raises:
        ValueError: its reason says what is wrong with the time.
    """
    if not isinstance(written, str) or not written:
        raise ValueError("created_at is missing" if not written else f"created_at is no time: {written!r:.40}")
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        raise ValueError(f"created_at is no time: {written!r:.40}") from None
    if instant.tzinfo is None:
        raise ValueError(f"created_at names no time zone: {written!r:.40}")
    if instant.tzinfo is not UTC:
        try:
            instant = instant.astimezone(UTC)
        except OverflowError:
            raise ValueError(f"created_at is no time: {written!r:.40}") from None
    if instant < _EARLIEST:
        raise ValueError(f"created_at is before 1990: {written!r:.40}")
    if instant > now + _AHEAD:
        raise ValueError(f"created_at is more than a day ahead: {written!r:.40}")
    return instant
