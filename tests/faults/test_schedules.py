"""Whatever goes wrong on the wire of a source, and in whatever order: in the end the corpus holds the truth.

``make soak`` runs 500 schedules a source; these are the first of them.
"""

from functools import reduce
from operator import add
from pathlib import Path

import pytest

from tests.faults.course import MOST, Course, run
from tests.faults.troubled import TROUBLED

_FEW, _SOME = range(4), range(4, 7)


@pytest.mark.parametrize(
    "network",
    [name if name in ("x", "feed") else pytest.param(name, marks=pytest.mark.everything) for name in TROUBLED],
)
@pytest.mark.fault("F7", how="seven seeded schedules of faults on each network's wire")
def test_schedules_end_with_the_truth(network: str, empty_database: Path) -> None:
    """Nothing is lost, no part of a page is stored, and no request comes before the time that the network named."""
    _check(network, _FEW, empty_database)


@pytest.mark.everything
@pytest.mark.parametrize("network", TROUBLED)
@pytest.mark.fault("F7", how="seven seeded schedules of faults on each network's wire")
def test_more_schedules_end_with_the_truth(network: str, empty_database: Path) -> None:
    """The same over more schedules, with hardly more requests than the faults made necessary."""
    assert _check(network, _SOME, empty_database).ratio <= MOST


def _check(network: str, seeds: range, empty_database: Path) -> Course:
    return reduce(add, [run(network, seed, empty_database) for seed in seeds])


@pytest.mark.everything
@pytest.mark.parametrize("network", TROUBLED)
def test_schedule_is_that_of_its_seed(network: str, empty_database: Path) -> None:
    """A seed that showed a fault shows it again: the same schedule leads to the same requests."""
    assert run(network, 1, empty_database) == run(network, 1, empty_database)


@pytest.mark.parametrize("network", ["x", pytest.param("mastodon", marks=pytest.mark.everything)])
@pytest.mark.control("F7")
def test_schedules_notice_a_loss(network: str, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that forgets what a stopped round left unread does not pass."""
    monkeypatch.setattr("collector.span._left", lambda *_: ())
    with pytest.raises(AssertionError):
        _check(network, _FEW, empty_database)


@pytest.mark.everything
@pytest.mark.control("F7")
def test_schedules_notice_answers_taken_too_late(empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source without a deadline takes what should have been given up, and does not pass."""
    monkeypatch.setattr("collector.wire._DEADLINE", 1_000)
    with pytest.raises(AssertionError, match="a part of a page was stored"):
        _check("mastodon", range(24, 32), empty_database)  # among them schedules that wait long enough
