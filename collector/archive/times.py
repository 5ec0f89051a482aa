"""Times as archives of all kinds write them: networks' own formats, spreadsheets, seconds of 1970."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from collector.instants import read_instant

_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_OF_X = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d) (\d{4})")
_OF_MAIL = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} ")
_NORDIC = re.compile(
    r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,? (?:klo |kl\.? ?)?(\d{1,2})[.:](\d\d)(?:[.:](\d\d))?)?", re.IGNORECASE
)
_AMERICAN = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}\b")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{13}")
_SECONDS_DIGITS = 10
_ZONE_APART = re.compile(r"(?<=\d) (?=[+-]\d\d:?\d\d$)| ?(?:UTC|GMT)$")
NO_ZONE = "names no time zone"


def read_x_time(written: str | None, now: datetime) -> datetime:
    """Return an instant from X's ``Wed Sep 04 13:51:55 +0000 2019``.

    Raises:
        ValueError: its reason says what is wrong with the time.
    """
    found = _OF_X.fullmatch(written or "")
    if written and found is None:
        raise ValueError(f"created_at is not as API v1.1 writes it: {written!r:.40}")
    return read_instant(found and _iso(found), now)


def read_time(written: str, now: datetime, zone: tzinfo | None) -> datetime:
    """Return an aware UTC instant from text in any of the usual forms.

    Args:
        written: ISO 8601, X's or a mail's form, ``16.11.2026 klo 10.15``, seconds or milliseconds of 1970.
        now: the present instant, against dates from the future.
        zone: what a time without a zone is meant in; None where nobody says.

    Raises:
        ValueError: its reason says what is wrong with the time.
    """
    text = " ".join(written.split())
    if _EPOCH.fullmatch(text):
        return read_instant(_of_epoch(text).isoformat(), now)
    if found := _OF_X.fullmatch(text):
        return read_instant(_iso(found), now)
    if _AMERICAN.match(text):
        raise ValueError(f"created_at leaves open which is the day and which the month: {written!r:.40}")
    return read_instant(_with_zone(_parsed(text, written), written, zone).isoformat(), now)


def _iso(found: re.Match[str]) -> str:
    month, day, clock, hours, minutes, year = found.groups()
    return f"{year}-{_MONTHS.find(month) // 3 + 1:02}-{day}T{clock}{hours}:{minutes}"


def _of_epoch(text: str) -> datetime:
    whole = text.partition(".")[0]
    return datetime.fromtimestamp(0, UTC) + timedelta(
        seconds=float(text) if len(whole) <= _SECONDS_DIGITS else int(text) / 1000
    )


def _parsed(text: str, written: str) -> datetime:
    try:
        if found := _NORDIC.fullmatch(text):
            day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
            return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # its zone is settled next
        if _OF_MAIL.match(text):
            return parsedate_to_datetime(text)
        return datetime.fromisoformat(_ZONE_APART.sub(lambda found: "Z" if found[0].strip() else "", text))
    except ValueError:
        raise ValueError(f"created_at is no time: {written!r:.40}") from None


def _with_zone(instant: datetime, written: str, zone: tzinfo | None) -> datetime:
    if instant.tzinfo is not None:
        return instant
    if zone is None:
        raise ValueError(f"created_at {NO_ZONE}: {written!r:.40}")
    return instant.replace(tzinfo=zone)
