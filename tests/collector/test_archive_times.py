"""Times in archives: every usual form, and no guess where a form leaves something open."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.archive.times import read_time
from tests.collector.archives import NOW


@pytest.mark.parametrize(
    ("written", "zone", "instant"),
    [
        ("2026-11-16T08:00:00Z", None, "08:00:00"),
        ("2026-11-16T10:00:00+02:00", None, "08:00:00"),
        ("2026-11-16 10:00:00 +0200", None, "08:00:00"),
        ("2026-11-16 08:00:00 UTC", None, "08:00:00"),
        ("2026-11-16 08:00:00.500", "UTC", "08:00:00.500000"),
        ("Mon Nov 16 08:00:00 +0000 2026", None, "08:00:00"),
        ("Mon, 16 Nov 2026 10:00:00 +0200", None, "08:00:00"),
        ("16 Nov 2026 08:00:00 GMT", None, "08:00:00"),
        ("16.11.2026 klo 10.00", "Europe/Helsinki", "08:00:00"),
        ("16.11.2026 kl. 10:00:05", "Europe/Helsinki", "08:00:05"),
        ("16.11.2026", "UTC", "00:00:00"),
        ("2026-11-16", "UTC", "00:00:00"),
        ("1794816000", None, "08:00:00"),
        ("1794816000.25", None, "08:00:00.250000"),
        ("1794816000250", None, "08:00:00.250000"),
    ],
)
def test_usual_forms_of_time(written: str, zone: str | None, instant: str) -> None:
    """Every usual form of a time is the same instant; a zone is asked for where the form has none."""
    expected = datetime.fromisoformat(f"2026-11-16T{instant}+00:00")
    assert read_time(written, NOW, ZoneInfo(zone) if zone else None) == expected
    if zone:
        with pytest.raises(ValueError, match="names no time zone"):
            read_time(written, NOW, None)


@pytest.mark.parametrize(
    "written", ["31.2.2026", "Mon Xxx 16 08:00:00 +0000 2026", "Mon, 99 Nov 2026 08:00:00 GMT", "9" * 13]
)
def test_impossible_times_are_refused(written: str) -> None:
    """What looks like a time and is none says so."""
    with pytest.raises(ValueError, match="created_at"):
        read_time(written, NOW, UTC)


@settings(max_examples=60)
@given(st.text(max_size=40) | st.from_regex(r"[\d.:/ TZ+-]{1,30}"))
def test_any_text_is_a_time_or_a_reason(written: str) -> None:
    """No text makes the reader of times fail in another way."""
    try:
        instant, reason = read_time(written, NOW, UTC), ""
    except ValueError as error:
        instant, reason = NOW, str(error)
    assert instant <= NOW + timedelta(days=1)
    assert reason == "" or "created_at" in reason
