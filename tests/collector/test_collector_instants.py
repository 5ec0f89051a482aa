"""Times as networks and archives write them."""

from datetime import UTC, datetime

import pytest

from collector.instants import read_instant

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["2026-11-20T07:00:00.000Z", "2026-11-20T07:00:00Z", "2026-11-20T07:00:00+00:00", "2026-11-20T09:00:00+02:00"],
)
def test_every_form_of_an_instant_is_utc(written: str) -> None:
    """Zulu, offsets and fractions give the same aware instant in UTC."""
    instant = read_instant(written, NOW)
    assert instant == datetime(2026, 11, 20, 7, tzinfo=UTC)
    assert instant.tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        pytest.param(None, "is missing", id="none"),
        pytest.param("", "is missing", id="empty"),
        pytest.param(1_763_600_000, "is no time", id="number"),
        pytest.param("yesterday", "is no time", id="words"),
        pytest.param("2026-13-41T99:00:00Z", "is no time", id="impossible"),
        pytest.param("2026-11-20T07:00:00", "no time zone", id="naive"),
        pytest.param("1989-12-31T23:59:59Z", "before 1990", id="old"),
        pytest.param("0001-01-01T00:00:00+14:00", "is no time", id="before-all-time"),
        pytest.param("2026-11-21T08:00:01Z", "a day ahead", id="future"),
    ],
)
def test_what_is_no_time_says_why(written: object, reason: str) -> None:
    """A time that cannot be is refused with a reason that names it."""
    with pytest.raises(ValueError, match=f"created_at.*{reason}"):
        read_instant(written, NOW)


def test_a_day_ahead_is_still_believed() -> None:
    """Clocks differ: exactly a day ahead is accepted."""
    assert read_instant("2026-11-21T08:00:00Z", NOW) == datetime(2026, 11, 21, 8, tzinfo=UTC)
