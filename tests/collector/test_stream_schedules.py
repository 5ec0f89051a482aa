"""Whatever goes wrong on the wire of a stream, and in whatever order: in the end the corpus holds the truth."""

import pytest

from tests.collector.ear import Ear
from tests.collector.stream_schedule import run_schedule


@pytest.mark.parametrize("seed", range(3))
def test_schedules_of_faults_end_with_the_truth(firehose_ear: Ear, seed: int) -> None:
    """Whatever is told and whatever breaks, in the end the corpus holds what is, and nobody was asked too early."""
    run_schedule(firehose_ear, seed)


@pytest.mark.everything
@pytest.mark.parametrize("seed", range(3, 40))
def test_more_schedules_of_faults_end_with_the_truth(ear: Ear, seed: int) -> None:
    """The same over more schedules, for both kinds of stream."""
    run_schedule(ear, seed)
