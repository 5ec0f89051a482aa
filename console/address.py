"""Addresses of pages: what is put into them is encoded, what is read from them is checked."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from urllib.parse import quote, urlencode

_DAY = re.compile(r"\s*([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})\s*")
_ISO = re.compile(r"\s*([0-9]{4})-([0-9]{2})-([0-9]{2})\s*")
_YEARS = range(1990, 9000)


def discussion_path(network: str, native_id: str) -> str:
    """Return the permanent address of a discussion, which any of its posts names."""
    return "/discussions/" + quote(f"{network}:{native_id}", safe=":")


def named_post(name: str) -> tuple[str, str] | None:
    """Return network and native id of the post that an address names; None where it names none."""
    if "\0" in name:
        return None  # PostgreSQL does not even take the question
    network, colon, native_id = name.partition(":")
    return (network, native_id) if colon and network and native_id else None


def with_query(path: str, query: Mapping[str, str | None]) -> str:
    """Return an address with those parameters that have a value."""
    given = {key: value for key, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def read_day(text: str) -> date | None:
    """Return a day written like 9.11.2026, 09/11/2026 or 2026-11-09; None for anything else."""
    if match := _DAY.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    else:
        return None
    if year not in _YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the first instant of a day."""
    return datetime.combine(day, time(), zone)
