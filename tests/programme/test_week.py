"""ISO weeks in the programme's time zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme.errors import MisuseError
from programme.week import Week

HELSINKI = ZoneInfo("Europe/Helsinki")


@given(instant=st.datetimes(datetime(1995, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - timezones makes them aware
def test_each_instant_falls_in_exactly_one_week(instant: datetime) -> None:
    """A week holds its instants, and its neighbours do not."""
    week = Week.of(instant, HELSINKI)
    assert week.start_at(HELSINKI) <= instant < week.end_at(HELSINKI)
    assert week.plus(-1).end_at(HELSINKI) == week.start_at(HELSINKI)
    assert Week.named(str(week)) == week


def test_2026_has_a_week_53() -> None:
    """Week 53 of 2026 exists and the next is the first of 2027."""
    assert str(Week.named("2026-W53").plus(1)) == "2027-W01"
    assert str(Week.of(datetime(2027, 1, 3, 12, tzinfo=UTC), HELSINKI)) == "2026-W53"


@pytest.mark.parametrize(
    "name", ["2025-W53", "2026-W00", "0001-W01", "9999-W52", "2026-47", "2026-W477", "week"], ids=str
)
def test_there_is_no_such_week(name: str) -> None:
    """A name of no week is refused with an example."""
    with pytest.raises(MisuseError, match="2026-W47"):
        Week.named(name)


def test_hours_follow_the_clock_changes() -> None:
    """A week has 168 hours, one more in autumn and one fewer in spring."""
    lengths = [len(list(Week.named(name).hours(HELSINKI))) for name in ("2026-W47", "2026-W43", "2026-W13")]
    assert lengths == [168, 169, 167]


def test_weeks_before_are_oldest_first() -> None:
    """The weeks before a week end just before it."""
    week = Week.named("2026-W02")
    assert [str(before) for before in week.before(3)] == ["2025-W51", "2025-W52", "2026-W01"]
    assert week.sunday - week.monday == timedelta(days=6)
