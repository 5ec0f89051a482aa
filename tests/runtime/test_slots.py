"""When scheduled things are due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme.errors import MisuseError
from programme.week import Week
from runtime.slots import WEEKDAYS, WeeklyTime, due_slots, interval_slot

HELSINKI = ZoneInfo("Europe/Helsinki")
MONDAY = WeeklyTime.written("mon 07:00")


def test_weekly_time_is_local_summer_and_winter() -> None:
    """Seven in the morning stays seven in the morning when clocks change."""
    assert MONDAY.in_week(Week.named("2026-W47"), HELSINKI) == datetime(2026, 11, 16, 5, tzinfo=UTC)
    assert MONDAY.in_week(Week.named("2026-W30"), HELSINKI) == datetime(2026, 7, 20, 4, tzinfo=UTC)


def test_weekday_and_minute_are_those_that_are_written() -> None:
    """Each weekday has its own day of the week, and minutes count."""
    days = [WeeklyTime.written(f"{day} 13:45").in_week(Week.named("2026-W47"), HELSINKI) for day in WEEKDAYS]
    assert days == [datetime(2026, 11, 16 + number, 11, 45, tzinfo=UTC) for number in range(7)]


def test_after_a_long_rest_the_latest_weeks_are_due() -> None:
    """No more than eight weeks are caught up, the latest ones, oldest first."""
    after, now = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 11, 23, 5, tzinfo=UTC)
    weeks = [str(week) for week, _ in due_slots(MONDAY, HELSINKI, after=after, now=now)]
    assert weeks == [f"2026-W{number}" for number in range(40, 48)]
    assert [str(week) for week, _ in due_slots(MONDAY, HELSINKI, after=after, now=now, at_most=2)] == weeks[-2:]


def test_shortest_rhythm_is_a_second() -> None:
    """A rhythm of less than a second, and one of a second, have a slot each second, in UTC."""
    now = datetime(2026, 11, 23, 5, 0, 7, 500_000, tzinfo=UTC)
    for every in (timedelta(milliseconds=1), timedelta(seconds=1)):
        assert interval_slot(every, now) == datetime(2026, 11, 23, 5, 0, 7, tzinfo=UTC)
        assert interval_slot(every, now).tzinfo is UTC


@pytest.mark.parametrize("text", ["1 07:00", "monday 07:00", "mon 7:00", "mon 24:00", "mon 07:60", ""], ids=repr)
def test_unreadable_weekly_time_is_refused(text: str) -> None:
    """Only weekday names and two-digit times are taken."""
    with pytest.raises(MisuseError) as caught:
        WeeklyTime.written(text)
    assert caught.value.problem == f"{text!r} is no weekday and time."
    assert caught.value.remedy == "Write it like `mon 07:00`."


def test_first_start_has_only_the_latest_slot() -> None:
    """A new installation drafts last week, not the weeks before it existed."""
    now = datetime(2026, 11, 24, 6, tzinfo=UTC)
    due = list(due_slots(MONDAY, HELSINKI, after=None, now=now))
    assert due == [(Week.named("2026-W47"), datetime(2026, 11, 23, 5, tzinfo=UTC))]


def test_missed_slots_are_caught_up_once_each() -> None:
    """After three weeks off, each missed week is due once, oldest first."""
    after = datetime(2026, 11, 2, 5, tzinfo=UTC)
    weeks = [str(week) for week, _ in due_slots(MONDAY, HELSINKI, after=after, now=datetime(2026, 11, 24, tzinfo=UTC))]
    assert weeks == ["2026-W45", "2026-W46", "2026-W47"]


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 - made aware below
    zone=st.sampled_from(["Europe/Helsinki", "Pacific/Apia", "America/St_Johns", "Asia/Kathmandu", "UTC"]),
    weekday=st.sampled_from(WEEKDAYS),
    hour=st.integers(0, 23),
    steps=st.lists(st.integers(1, 200), min_size=1, max_size=30),
)
@pytest.mark.fault("F8", how="hypothesis: a hundred draws of years, zones and steps of the clock")
def test_each_week_is_due_exactly_once(start: datetime, zone: str, weekday: str, hour: int, steps: list[int]) -> None:
    """However irregularly the scheduler looks, no week is skipped and none comes twice."""
    weekly, tz = WeeklyTime.written(f"{weekday} {hour:02}:30"), ZoneInfo(zone)
    now = start.replace(tzinfo=UTC)
    seen: list[Week] = []
    after = None
    for step in [0, *steps]:
        now += timedelta(hours=step)
        for week, slot in due_slots(weekly, tz, after=after, now=now):
            seen.append(week)
            after = slot
    assert seen == [seen[0].plus(n) for n in range(len(seen))]


@given(now=st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)), minutes=st.integers(1, 2000))  # noqa: DTZ001 - made aware below
def test_interval_slot_is_near_and_not_ahead(now: datetime, minutes: int) -> None:
    """A rhythm's slot lies within one interval before now, and is its own slot."""
    every = timedelta(minutes=minutes)
    instant = now.replace(tzinfo=UTC)
    slot = interval_slot(every, instant)
    assert slot <= instant < slot + every
    assert interval_slot(every, slot) == slot


@pytest.mark.everything
@pytest.mark.control("F8")
def test_slot_that_comes_again_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A schedule that looks a moment too far back fires a week twice, and the same property finds it."""
    right, moment = due_slots, timedelta(seconds=1)
    monkeypatch.setitem(
        globals(), "due_slots", lambda *about, after, now: right(*about, after=after and after - moment, now=now)
    )
    with pytest.raises(AssertionError):
        test_each_week_is_due_exactly_once()
