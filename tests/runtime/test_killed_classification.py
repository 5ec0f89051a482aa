"""Classification that is killed: repeated, it ends with the predictions of a run that nobody disturbed."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpus.judgements import Judgements
from corpus.posts import Posts
from corpus.store import Corpus
from runtime.jobs import classify
from runtime.settings import Options
from runtime.wiring import Program
from tests.faults.dying import dies_at

pytestmark = pytest.mark.everything
Command = Callable[..., Any]


@pytest.fixture
def collected(
    kuntakaiku: Command, configured: Path, archive: Path, house: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The file of a corpus that nobody has classified, whose batches are small."""
    del configured
    kuntakaiku("import", str(archive))
    with Corpus.open(f"sqlite:///{house / 'kuntakaiku.db'}") as corpus:
        corpus.database.empty_log()
    monkeypatch.setattr(classify, "_BATCH", 10)
    shutil.copy(house / "kuntakaiku.db", house / "collected.db")
    return house / "collected.db"


def run_on(path: Path) -> None:
    """Classify what a file holds."""
    house = path.parent
    options = Options(config=str(house / "config"), database=str(path), data=str(house), now="2026-11-23T06:00:00Z")
    with Program(options, environment={}, working_directory=house) as program:
        classify.classify(program)


def predictions(path: Path) -> list[tuple[object, ...]]:
    """Return every prediction with its model's version."""
    with Corpus.open(f"sqlite:///{path}") as corpus:
        assert corpus.verify() == []
        return corpus.database.query(
            "SELECT p.post_id, m.version, p.theme, p.standing, p.confidence FROM predictions p"
            " JOIN models m ON m.model_id = p.model_id WHERE m.activated_at IS NOT NULL ORDER BY 1, 2"
        )


def kill_everywhere(collected: Path, step: int) -> int:
    """Kill at each write, or at some, run again, compare with what is undisturbed; return how often it was killed."""

    def fresh(name: str) -> Path:
        for old in collected.parent.glob(f"{name}*"):
            old.unlink()
        return Path(shutil.copy(collected, collected.with_name(name)))

    whole = fresh("whole.db")
    run_on(whole)
    truth, number = predictions(whole), 1
    assert len(truth) == 36
    while True:
        path = fresh("killed.db")
        if not dies_at(number, lambda path=path: run_on(path)):
            return number // step
        run_on(path)
        assert predictions(path) == truth, f"killed at write {number}, another corpus"
        number += step


@pytest.mark.fault("F2", how="SIGKILL at a write of a run in small batches")
def test_killed_classification_ends_as_if_undisturbed(
    collected: Path, record_property: Callable[[str, object], None], *, fault_long: bool
) -> None:
    """Whichever write it dies at, the next run leaves each post with the one prediction that it should have."""
    kills = kill_everywhere(collected, 1 if fault_long else 2)
    record_property("runs", kills)
    assert kills >= 3


@pytest.mark.control("F2")
def test_progress_noted_before_its_result_is_noticed(collected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variant that counts a batch as done before its predictions are stored loses them, which the same look finds."""
    save, waiting = Judgements.save_predictions, Posts.unclassified

    def noted_first(self: Judgements, found: Any, **how: Any) -> Any:  # noqa: ANN401 - as the method
        batch = list(found)
        with self._database.writing() as connection:
            self._database.run(
                connection,
                "INSERT INTO checkpoints (name, value) VALUES ('done', ?) ON CONFLICT (name) DO UPDATE"
                " SET value = excluded.value",
                (str(max(post_id for post_id, _ in batch)),),
            )
        return save(self, batch, **how)

    def after_what_was_noted(self: Posts, *about: Any, **how: Any) -> Any:  # noqa: ANN401 - as the method
        noted = self._database.query("SELECT value FROM checkpoints WHERE name = 'done'")
        done = int(noted[0][0]) if noted else 0
        left = ([one for one in batch if one.post_id > done] for batch in waiting(self, *about, **how))
        return (batch for batch in left if batch)

    monkeypatch.setattr(Judgements, "save_predictions", noted_first)
    monkeypatch.setattr(Posts, "unclassified", after_what_was_noted)
    with pytest.raises(AssertionError, match="another corpus"):
        kill_everywhere(collected, 1)
