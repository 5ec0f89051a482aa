"""The order of a server's own ids."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.mastodon_order import (
    OVERLAP_MS,
    contains,
    floor_of,
    has_new_day,
    is_new_day,
    is_old,
    later,
    since_for,
)

MOMENTS = st.integers(1_600_000_000_000, 2_000_000_000_000)
KINDS = st.sampled_from(["snowflake", "ulid"])
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def native_id(kind: str, ms: int, step: int = 0) -> str:
    """Return an id of an instant."""
    if kind == "snowflake":
        return str((ms << 16) + step)
    number = (ms << 80) + step
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(25, -1, -1))


@given(kind=KINDS, one=MOMENTS, other=MOMENTS)
def test_ids_are_ordered_as_their_times(kind: str, one: int, other: int) -> None:
    """Of two ids the one of the later instant is the newer, in both writings."""
    first, second = native_id(kind, one, 1), native_id(kind, other, 2)
    assert is_old(first, second) == (one <= other)
    assert later(first, second) == (second if one <= other else first)


@given(kind=KINDS, ms=MOMENTS, step=st.integers(0, 65_535))
def test_what_is_read_again_reaches_an_hour_and_a_day_back(kind: str, ms: int, step: int) -> None:
    """The id from which to read is an hour older; the floor of a day is an hour older than the day."""
    newest = native_id(kind, ms, step)
    assert since_for(newest) == native_id(kind, ms - OVERLAP_MS)
    day = ms // 86_400_000 * 86_400_000
    assert floor_of(newest) == native_id(kind, day - OVERLAP_MS)
    assert contains([newest], floor_of(newest)) is (native_id(kind, day - OVERLAP_MS) == newest)
    assert is_new_day(native_id(kind, day + 86_400_000), newest)
    assert not is_new_day(native_id(kind, day + 86_399_999), newest)
    midnight = datetime.fromtimestamp(day / 1000, UTC) + timedelta(days=1)
    assert has_new_day(midnight, newest)
    assert not has_new_day(midnight - timedelta(milliseconds=1), newest)


@pytest.mark.parametrize("foreign", ["1790000000.0123456789abcdef", "9vJ3eYtWbqoNQuVqjE", "01HZ", "٣", None])
def test_ids_without_an_order_are_only_equal(foreign: str | None) -> None:
    """Of ids that tell no order none is older than another, and nothing is read again."""
    assert not is_old(foreign, "2")
    assert not is_old("2", foreign)
    assert is_old(foreign, foreign) == (foreign is not None)
    assert (since_for(foreign), floor_of(foreign)) == (foreign, foreign)
    assert not is_new_day(foreign, foreign)
    assert later("x", foreign) == "x"


def test_small_numbers_tell_no_time() -> None:
    """Ids from before 2018 have an order and no time: reading begins one below."""
    assert (since_for("17"), since_for("0"), floor_of("17")) == ("16", "0", "17")
    assert is_old("9", "17")
    assert not has_new_day(datetime(2026, 11, 20, tzinfo=UTC), "17")


def test_both_writings_are_not_compared() -> None:
    """A server that was renewed with other software has other ids: none is older than those known before."""
    assert not is_old(native_id("snowflake", 1_700_000_000_000), native_id("ulid", 1_800_000_000_000))
