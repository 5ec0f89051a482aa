"""The order of a server's own ids, as far as they tell one: pure.

Mastodon's ids are numbers whose upper bits are the time of writing; GoToSocial's are ULIDs, which begin with it. Those
of others, such as snac's, are only ever compared for equality.
"""

import re
from dataclasses import dataclass
from datetime import datetime

OVERLAP_MS = 3_600_000
"""Milliseconds behind the newest status that are read again: a status that arrives late from another server gets an id
of the time at which it was written, which the newest has already passed."""
_DAY_MS = 86_400_000
_SNOWFLAKE = 10**17
"""Mastodon's ids have been larger than this since 2018; they are milliseconds shifted by 16 bits."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(rf"[0-7][{_ALPHABET}]{{25}}")


@dataclass(frozen=True, slots=True)
class _Number:
    """An id that has an order."""

    value: int
    below_ms: int | None
    """Bits under those of the milliseconds; None where it tells no time."""
    is_ulid: bool = False

    @property
    def ms(self) -> int | None:
        """Milliseconds of the epoch, by the clock of UTC."""
        return None if self.below_ms is None else self.value >> self.below_ms

    def at(self, ms: int) -> str:
        """Return the first id of an instant, in the same writing."""
        value = max(ms, 0) << (self.below_ms or 0)
        return _as_ulid(value) if self.is_ulid else str(value)


def since_for(above: str | None) -> str | None:
    """Return the id from which to read: far enough back to see what came late, and that the end was reached."""
    number = _number(above)
    if number is None:
        return above
    return str(max(number.value - 1, 0)) if number.ms is None else number.at(number.ms - OVERLAP_MS)


def is_new_day(native_id: str | None, above: str | None) -> bool:
    """Return whether the day of the newest known status is to be read once more, since another has begun.

    A page that reaches the newest known one ends a round. What came late on a busy day may lie on pages below it.
    """
    number = _number(native_id)
    return number is not None and _is_later_day(number.ms, above)


def has_new_day(now: datetime, above: str | None) -> bool:
    """Return whether the day of the newest known status is over."""
    return _is_later_day(int(now.timestamp() * 1000), above)


def floor_of(above: str | None) -> str | None:
    """Return the id down to which the day of a status is read once more."""
    number = _number(above)
    if number is None or number.ms is None:
        return above
    return number.at(number.ms // _DAY_MS * _DAY_MS - OVERLAP_MS)


def contains(ids: list[str], floor: str | None) -> bool:
    """Return whether a page reaches down to an id."""
    return bool(ids) and (is_old(ids[-1], floor) or floor in ids)


def is_old(native_id: str | None, above: str | None) -> bool:
    """Return whether an id is known to be no newer than another."""
    if native_id is None or above is None:
        return False
    one, other = _number(native_id), _number(above)
    return native_id == above or (
        one is not None and other is not None and one.is_ulid == other.is_ulid and one.value <= other.value
    )


def later(newest: str, above: str | None) -> str:
    """Return the newer of the page's newest id and the newest known: an overlap may hold nothing else."""
    return above if above is not None and is_old(newest, above) else newest


def _is_later_day(ms: int | None, above: str | None) -> bool:
    known = _number(above)
    if ms is None or known is None or known.ms is None:
        return False
    return ms // _DAY_MS > known.ms // _DAY_MS


def _number(native_id: str | None) -> _Number | None:
    if native_id is None:
        return None
    if _ULID.fullmatch(native_id):
        value = 0
        for character in native_id:
            value = value << 5 | _ALPHABET.index(character)
        return _Number(value, 80, is_ulid=True)
    if not (native_id.isascii() and native_id.isdecimal()):
        return None
    value = int(native_id)
    return _Number(value, 16 if value > _SNOWFLAKE else None)


def _as_ulid(value: int) -> str:
    return "".join(_ALPHABET[value >> 5 * place & 31] for place in range(25, -1, -1))
