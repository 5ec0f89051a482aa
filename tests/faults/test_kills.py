"""Killed with SIGKILL wherever it hurts most, work is taken up again and ends as if nothing had happened."""

import random
from pathlib import Path

import pytest

from tests.faults.kills import killing


@pytest.mark.everything
@pytest.mark.parametrize("job", ["import", "index", "stream"])
@pytest.mark.fault("F1", how="SIGKILL at every write of import, index, stream")
def test_killed_at_every_write(job: str, tmp_path: Path, empty_database: Path) -> None:
    """Killed at the n-th write, whatever the n, nothing is lost, doubled or orphaned."""
    with killing(tmp_path, empty_database) as course:
        found = course.at_every_write(job)
    assert found.kills == found.writes > 20


@pytest.mark.everything
@pytest.mark.fault("F1", how="SIGKILL at every third write of a round; at every one in `make soak`")
def test_collection_killed_at_every_third_write(tmp_path: Path, empty_database: Path) -> None:
    """The same of a round of X and Mastodon with discussions: posts and position are stored together or not at all."""
    with killing(tmp_path, empty_database) as course:
        found = course.at_every_write("collect", step=3)
    assert 3 * found.kills >= found.writes > 100


@pytest.mark.everything
@pytest.mark.fault("F1", how="SIGKILL at random times")
def test_killed_at_random(tmp_path: Path, empty_database: Path) -> None:
    """Killed thirty times at random, a collection still ends with what an undisturbed one stores."""
    with killing(tmp_path, empty_database) as course:
        assert course.at_random("collect", 30, random.Random(20261124)).kills == 30
