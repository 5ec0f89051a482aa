"""Ten years of Mondays in every time zone, with four schedulers that look at odd times: one draft a week."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from corpus.store import Corpus
from programme.week import Week
from runtime.slots import WEEKDAYS, WeeklyTime, due_slots

SCHEDULERS = 4
_START = datetime(2026, 1, 1, tzinfo=UTC)
_LONGEST = timedelta(days=40)
"""For which nobody looks: less than the eight weeks that are caught up."""


def clocks(zone: str, years: int = 10) -> tuple[timedelta | None, ...]:
    """Return how a zone sets its clocks in these years: zones that are the same in it need be tried once."""
    days = (_START + timedelta(days=day) for day in range(365 * years))
    return tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in days)


def check_years(zone: str, seed: int, corpus: Corpus, *, years: int = 10) -> int:
    """Let four schedulers claim the drafts of a zone, and return how many weeks there were.

    Raises:
        AssertionError: a week has no draft, or two; or a slot is not at its local time.
    """
    chance, place = Random(f"{zone} {seed}"), ZoneInfo(zone)
    hour, minute = chance.randrange(24), chance.choice((0, 30))
    weekly = WeeklyTime.written(f"{chance.choice(WEEKDAYS)} {hour:02}:{minute:02}")
    job, end_at = f"draft {zone} {seed}", _START + timedelta(days=365 * years)
    fired: Counter[Week] = Counter()
    now = _START
    while now < end_at:
        now += min(timedelta(hours=chance.expovariate(1 / 60)), _LONGEST)
        last = corpus.ledger.last_slot(job)
        # All look before any has claimed: they see the same slots.
        seen = [list(due_slots(weekly, place, after=last, now=now)) for _ in range(SCHEDULERS)]
        for slots in chance.sample(seen, SCHEDULERS):
            for week, slot in slots:
                if (run := corpus.ledger.claim(job, slot, now=now)) is not None:
                    corpus.ledger.finish(run, state="done", now=now)
                    fired[week] += 1
                    _check_time(slot, place, hour, minute)
    weeks = sorted(fired, key=lambda week: week.monday)
    assert set(fired.values()) == {1}, f"{zone}: {fired.most_common(1)}"
    assert all(after == before.plus(1) for before, after in pairwise(weeks)), f"{zone}: a week is missing"
    assert len(weeks) >= years * 52 - 7, f"{zone}: {len(weeks)} weeks"
    return len(weeks)


def _check_time(slot: datetime, place: ZoneInfo, hour: int, minute: int) -> None:
    local = slot.astimezone(place)
    shift = abs((local.hour * 60 + local.minute) - (hour * 60 + minute))
    # An hour that clocks skip comes as long after; where a zone skips a whole day (Apia, Kwajalein), a day.
    assert min(shift, 1440 - shift) <= 60, f"{place}: {local} is not {hour:02}:{minute:02}"
