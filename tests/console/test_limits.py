"""Limits on tries: a window that moves on, for each key apart, and no more keys than fit."""

from datetime import UTC, datetime, timedelta

from console.access import limits
from console.access.limits import Limit

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_tries_are_counted_within_their_time() -> None:
    """The third try within an hour waits until the first is an hour old; a refused try does not count."""
    limit = Limit(2, HOUR)
    assert [limit.allows("a", NOW + timedelta(minutes=n)) for n in (0, 10, 20, 59)] == [True, True, False, False]
    assert limit.allows("b", NOW)
    assert limit.allows("a", NOW + HOUR)
    assert not limit.allows("a", NOW + HOUR)


def test_oldest_keys_are_forgotten() -> None:
    """However many keys an attack brings, so many are remembered."""
    limit = Limit(1, HOUR)
    for n in range(limits._KEYS + 1):
        assert limit.allows(str(n), NOW)
    assert not limit.allows("1", NOW)
    assert limit.allows("0", NOW)
