"""Instants as the database keeps them: microseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Return an aware instant as microseconds.

    Raises:
        TypeError: the instant is naive.
    """
    return (instant - _EPOCH) // _MICROSECOND


def to_instant(micros: int) -> datetime:
    """Return microseconds as an aware instant in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def to_optional_micros(instant: datetime | None) -> int | None:
    """Return microseconds, or None for None."""
    return None if instant is None else (instant - _EPOCH) // _MICROSECOND


def to_optional_instant(micros: int | None) -> datetime | None:
    """Return an instant, or None for None."""
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)
