"""How long a round waits."""

import random
from datetime import timedelta

import pytest

from collector.errors import SourceRefusedError, SourceUnavailableError
from collector.retry import ALLOWANCE, Patience, persist
from tests.collector.fake_wire import Clock


@pytest.fixture
def patience(clock: Clock) -> Patience:
    """A round's allowance, unspent."""
    return Patience(clock=clock, rest=clock.rest, chance=random.Random(1))


def test_allowance_is_spent_once(patience: Patience, clock: Clock) -> None:
    """Waits add up to thirty seconds at most; what does not fit is not begun."""
    assert patience.wait_until(clock() + timedelta(seconds=20))
    assert not patience.wait_until(clock() + timedelta(seconds=11))
    assert patience.wait_until(clock() + timedelta(seconds=10))
    assert (clock.rested, patience.left) == ([20.0, 10.0], timedelta())


def test_what_has_come_is_not_waited_for(patience: Patience, clock: Clock) -> None:
    """An instant in the past costs nothing."""
    assert patience.wait_until(clock() - timedelta(hours=1))
    assert (clock.rested, patience.left) == ([], ALLOWANCE)


def test_requests_that_hang_use_up_the_allowance(patience: Patience, clock: Clock) -> None:
    """Time spent on requests that came to nothing counts, and later ones are given less."""

    def hang() -> None:
        clock.pass_by(seconds=20)
        raise SourceUnavailableError("it hangs")

    with pytest.raises(SourceUnavailableError):
        persist(hang, patience)
    assert len(clock.rested) == 1
    assert patience.timeout(20.0) == 1.0


def test_pauses_between_tries_differ_by_chance(clock: Clock) -> None:
    """Two sources do not come back in step."""

    def fail() -> None:
        raise SourceUnavailableError("it fails")

    for seed in (1, 2):
        with pytest.raises(SourceUnavailableError):
            persist(fail, Patience(clock=clock, rest=clock.rest, chance=random.Random(seed)))
    first, second = clock.rested[:2], clock.rested[2:]
    assert first != second
    assert all(0.5 <= pause <= 1 for pause in (first[0], second[0]))
    assert all(1 <= pause <= 2 for pause in (first[1], second[1]))


def test_refusal_is_never_repeated(patience: Patience) -> None:
    """What only a person can change is asked once."""
    tries = []

    def refuse() -> None:
        tries.append(1)
        raise SourceRefusedError("no", "change it")

    with pytest.raises(SourceRefusedError):
        persist(refuse, patience)
    assert tries == [1]


def test_second_wait_in_one_request_is_left_to_a_later_round(patience: Patience, clock: Clock) -> None:
    """A network that names one short time after another is not followed for ever."""
    tries = []

    def postpone() -> None:
        tries.append(1)
        raise SourceUnavailableError("wait", state="rate_limited", resume_at=clock() + timedelta(seconds=2))

    with pytest.raises(SourceUnavailableError):
        persist(postpone, patience)
    assert (len(tries), clock.rested) == (2, [2.0])
