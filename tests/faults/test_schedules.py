"""Whatever goes wrong on the wire of a source, and in whatever order: in the end the corpus holds the truth.

``make soak`` runs 500 schedules a source; these are the first of them.
"""

from functools import reduce
from operator import add
from pathlib import Path

import pytest

from tests.faults.course import MOST, Course, run
from tests.faults.troubled import TROUBLED

_FEW, _SOME = range(4), range(4, 32)


@pytest.mark.parametrize("network", TROUBLED)
def test_schedules_end_with_the_truth(network: str, empty_database: Path) -> None:
    """Nothing is lost, no part of a page is stored, and no request comes before the time that the network named."""
    _check(network, _FEW, empty_database)


@pytest.mark.everything
@pytest.mark.parametrize("network", TROUBLED)
def test_more_schedules_end_with_the_truth(network: str, empty_database: Path) -> None:
    """The same over more schedules, with hardly more requests than the faults made necessary."""
    assert _check(network, _SOME, empty_database).ratio <= MOST


def _check(network: str, seeds: range, empty_database: Path) -> Course:
    return reduce(add, [run(network, seed, empty_database) for seed in seeds])


def test_schedule_is_that_of_its_seed(empty_database: Path) -> None:
    """A seed that showed a fault shows it again: the same schedule leads to the same requests."""
    assert run("x", 1, empty_database) == run("x", 1, empty_database)
