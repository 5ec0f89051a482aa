"""Scripted mail servers and dying senders. ``make soak`` takes 2,000 recipients; these are the first of them."""

import shutil
from pathlib import Path

import pytest

from corpus.store import Corpus
from tests.faults.sessions import run, with_checkpoint


@pytest.mark.everything
def test_nobody_is_mailed_twice_or_forgotten(tmp_path: Path, empty_database: Path) -> None:
    """Whatever servers say and whenever the sender dies, each recipient has one mail or a state that says why not."""
    for seed in range(12):
        path = tmp_path / f"{seed}.db"
        shutil.copyfile(empty_database, path)
        with Corpus.open(f"sqlite:///{path}") as corpus:
            run(seed, corpus)


@pytest.mark.everything
def test_sessions_notice_a_checkpoint_at_fetch_time(tmp_path: Path, empty_database: Path) -> None:
    """The same schedules find out a sender that counts whom it fetched as mailed: they can fail."""
    found = 0
    for seed in range(4):
        path = tmp_path / f"{seed}.db"
        shutil.copyfile(empty_database, path)
        with Corpus.open(f"sqlite:///{path}") as corpus, pytest.raises(AssertionError):
            run(seed, corpus, with_checkpoint)
        found += 1
    assert found == 4
