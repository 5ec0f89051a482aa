"""A sender killed with SIGKILL: nobody is mailed twice, nobody is forgotten. ``make soak`` kills a thousand times."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.killed_sending import killing_senders


@pytest.mark.everything
def test_sender_killed_at_every_write(tmp_path: Path, empty_database: Path) -> None:
    """Killed at the n-th write, whatever the n, the next sending mails the others, and at most one is in doubt."""
    with killing_senders(tmp_path, empty_database) as course:
        found = course.at_every_write()
    assert found.kills == found.writes > 30


@pytest.mark.everything
def test_sender_killed_at_random(tmp_path: Path, empty_database: Path) -> None:
    """Killed thirty times at random, sendings still end with one mail each, or a doubt that a person settles."""
    with killing_senders(tmp_path, empty_database) as course:
        assert course.at_random(30, Random(20261124)).kills >= 30
