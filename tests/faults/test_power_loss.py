"""The power goes at any moment: the outbox holds every delivery that was reported, and the database is sound."""

import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from corpus.issues import StoredIssue
from corpus.store import Corpus
from programme.types import Recipient
from tests.faults.power import discs, traced

pytestmark = [
    pytest.mark.everything,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not on this machine"),
]
_NAMES = tuple(f"r{number}@kunta.example" for number in range(6))
_NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
_DURABLE = """
import sys
from datetime import UTC, datetime
from corpus.store import Corpus
now = datetime(2026, 11, 23, 6, tzinfo=UTC)
with Corpus.open(f"sqlite:///{sys.argv[1]}") as corpus:
    for number in range(6):
        name = f"r{number}@kunta.example"
        corpus.issues.open_delivery("2026-W47", name, message_id=f"<{number}@kunta>", now=now)
        print(f"sending {name}", flush=True)
        corpus.issues.close_delivery("2026-W47", name, state="sent", reason=None, now=now)
        print(f"sent {name}", flush=True)
"""
_CARELESS = _DURABLE.replace(
    "with Corpus.open",
    """from corpus.database import Database
careful = Database.writing
Database.writing = lambda self, durable=False, **how: careful(self, **how)
with Corpus.open""",
)
"""The same outbox, which does not wait for the disk."""


@pytest.fixture
def approved(empty_database: Path, tmp_path: Path) -> Path:
    """A corpus with an issue for six."""
    path = Path(shutil.copy(empty_database, tmp_path / "before.db"))
    with Corpus.open(f"sqlite:///{path}") as corpus:
        corpus.issues.save_draft(
            StoredIssue(key="2026-W47", state="draft", numbers={}, drafted_at=_NOW, corpus_fingerprint="", model=None)
        )
        people = [Recipient(address=name, language="fi", role="reader") for name in _NAMES]
        corpus.issues.approve("2026-W47", [], people, who="EK", now=_NOW)
        corpus.database.empty_log()
    return path


def cut_everywhere(code: str, approved: Path, work: Path) -> int:
    """Cut the power at every event of a run, look at each disc, and return how many there were.

    Raises:
        AssertionError: a disc is damaged, or lacks what was reported.
    """
    database = Path(shutil.copy(approved, work / "kuntakaiku.db"))
    events = traced(code, database, work)
    assert sum(event.kind == "said" for event in events) == 2 * len(_NAMES)
    count = 0
    for disc, told in discs(events, approved, work, Random(20261124)):
        states = _states(disc)
        for line in told:
            state, _, name = line.strip().partition(" ")
            allowed = ("sent",) if state == "sent" else ("sending", "sent")
            assert states.get(name) in allowed, f"{line.strip()} was reported, and the disc says {states.get(name)}"
        count += 1
    return count


def _states(disc: Path) -> dict[str, str]:
    connection = sqlite3.connect(disc)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return dict(connection.execute("SELECT recipient, state FROM deliveries").fetchall())
    finally:
        connection.close()


@pytest.mark.fault(
    "F4", how="writes and syncs replayed from strace, unsynced ones lost, kept or in part, at every event"
)
def test_what_was_reported_survives_a_power_cut(
    approved: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """No delivery that was reported as begun or sent is forgotten, on whatever the disk kept."""
    discs_seen = cut_everywhere(_DURABLE, approved, tmp_path)
    record_property("runs", discs_seen)
    assert discs_seen > 100


@pytest.mark.control("F4")
def test_outbox_that_does_not_wait_for_the_disk_is_noticed(approved: Path, tmp_path: Path) -> None:
    """The same outbox with posts' lesser care does not pass."""
    with pytest.raises(AssertionError, match="was reported"):
        cut_everywhere(_CARELESS, approved, tmp_path)
