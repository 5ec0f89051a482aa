"""The order of a server's own ids, as far as they tell one: pure.

Mastodon's ids are numbers that grow with the time of writing; GoToSocial's are ULIDs; snac's are hexadecimal and only
ever compared for equality.
"""

OVERLAP_MS = 3_600_000
"""Milliseconds behind the newest status that are read again: a status that arrives late from another server gets an id
of the time at which it was written, which the newest has already passed."""
_DAY = 86_400_000 << 16
"""Ids of a day, by the clock of UTC."""
_SNOWFLAKE = 10**17
"""Mastodon's ids have been larger than this since 2018; they are milliseconds shifted by 16 bits."""


def since_for(above: str | None) -> str | None:
    """Return the id from which to read: far enough back to see what came late, and that the end was reached."""
    if above is None or not above.isdecimal():
        return above
    number = int(above)
    return str(number - (OVERLAP_MS << 16) if number > _SNOWFLAKE else max(number - 1, 0))


def is_new_day(native_id: str | None, above: str | None) -> bool:
    """Return whether the day of the newest known status is to be read once more, since another has begun.

    A page that reaches the newest known one ends a round. What came late on a busy day may lie on pages below it.
    """
    if not (_tells_time(native_id) and _tells_time(above)):
        return False
    return int(native_id or 0) // _DAY > int(above or 0) // _DAY


def floor_of(above: str | None) -> str | None:
    """Return the id down to which the day of a status is read once more."""
    return str(int(above or 0) // _DAY * _DAY - (OVERLAP_MS << 16)) if _tells_time(above) else above


def _tells_time(native_id: str | None) -> bool:
    return native_id is not None and native_id.isdecimal() and int(native_id) > _SNOWFLAKE


def contains(ids: list[str], floor: str | None) -> bool:
    """Return whether a page reaches down to an id; ids that are not numbers are only ever compared for equality."""
    return bool(ids) and (is_old(ids[-1], floor) or floor in ids)


def is_old(native_id: str | None, above: str | None) -> bool:
    """Return whether an id is known to be no newer than another."""
    if native_id is None or above is None:
        return False
    return native_id == above or (native_id.isdecimal() and above.isdecimal() and int(native_id) <= int(above))


def later(newest: str, above: str | None) -> str:
    """Return the newer of the page's newest id and the newest known: an overlap may hold nothing else."""
    if above is not None and above.isdecimal() and newest.isdecimal():
        return str(max(int(newest), int(above)))
    return newest
