"""A backup gives the database back as it was, and one that cannot is refused before anything is touched."""

import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import MetaData

from corpus import backup, backup_file
from corpus.backup_file import BackupUnusableError, Manifest
from corpus.database import DatabaseUnavailableError
from corpus.post import Post
from corpus.store import Corpus
from programme.errors import MisuseError
from tests.corpus.conftest import NOW

pytestmark = pytest.mark.everything

MakePost = Callable[..., Post]
Store = Callable[..., Any]


def save(corpus: Corpus, path: Path) -> Manifest:
    """Back a corpus up."""
    with backup_file.writing(path) as writer:
        return backup.save(corpus.database, writer, scratch=path.parent, program="0.1.0", now=NOW)


def restore(corpus: Corpus, path: Path) -> None:
    """Restore a corpus as the command does: checked first."""
    with backup_file.reading(path) as reader:
        backup.check_fit(corpus.database, reader)
        backup.restore(corpus.database, reader, scratch=path.parent)


def content(corpus: Corpus) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table."""
    tables = MetaData()
    with corpus.database.reading() as connection:
        tables.reflect(connection)
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in tables.sorted_tables
            if table.name != "search_index"  # it can only be searched; the tables behind it are here
        }


@pytest.fixture
def filled(corpus: Corpus, make_post: MakePost, make_prediction: Callable[..., Any], store: Store) -> Corpus:
    """A corpus with posts, an edit, a tombstone, predictions and facts."""
    store(corpus, [make_post(number) for number in range(50)])
    store(corpus, [make_post(3, text="muutettu"), make_post(4, text=None, gone="deleted")])
    corpus.judgements.save_predictions(
        [(one.stored.post_id, make_prediction()) for one in list(corpus.posts.all_classified())[:5]], now=NOW
    )
    corpus.facts.put("weather", {"sky": "ä \t\\N\n"}, now=NOW)
    return corpus


def test_restored_database_is_as_it_was(filled: Corpus, make_post: MakePost, store: Store, tmp_path: Path) -> None:
    """Whatever happened since the backup, every row of every table is back, and nothing else."""
    before = content(filled)
    manifest = save(filled, tmp_path / "a.backup")
    store(filled, [make_post(number, text="toinen") for number in range(40, 90)])
    assert content(filled) != before
    restore(filled, tmp_path / "a.backup")
    assert content(filled) == before
    assert manifest.posts == 50
    assert filled.verify() == []
    assert [file.name for file in tmp_path.iterdir() if "database" in file.name] == []


def test_restored_database_takes_new_posts(filled: Corpus, make_post: MakePost, store: Store, tmp_path: Path) -> None:
    """Numbers that the database gives go on after those of the backup."""
    save(filled, tmp_path / "a.backup")
    restore(filled, tmp_path / "a.backup")
    store(filled, [make_post(number) for number in range(100, 120)])
    assert filled.posts.statistics().posts == 70
    assert filled.verify() == []


def test_backup_taken_while_others_write_is_of_one_state(
    filled: Corpus, database_url: str, make_post: MakePost, store: Store, tmp_path: Path
) -> None:
    """A collector at work is neither stopped nor half in the backup."""
    done = threading.Event()
    faults = []

    def collect() -> None:
        try:
            with Corpus.open(database_url) as other:
                number = 1_000
                while not done.is_set():
                    store(other, [make_post(one) for one in range(number, number + 5)])
                    number += 5
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            faults.append(error)

    collector = threading.Thread(target=collect)
    collector.start()
    manifests = [save(filled, tmp_path / f"{number}.backup") for number in range(3)]
    done.set()
    collector.join()
    assert faults == []
    for number, manifest in enumerate(manifests):
        restore(filled, tmp_path / f"{number}.backup")
        assert filled.verify() == []
        assert len(content(filled)["posts"]) == manifest.posts


def test_damage_anywhere_is_refused_before_anything_is_touched(filled: Corpus, tmp_path: Path) -> None:
    """A backup in which a byte differs is refused, or the byte was of no consequence; the database stays as it was."""
    save(filled, tmp_path / "a.backup")
    whole = (tmp_path / "a.backup").read_bytes()
    before = content(filled)
    chance = Random(1)
    refused = 0
    for _ in range(24):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        (tmp_path / "b.backup").write_bytes(damaged)
        try:
            restore(filled, tmp_path / "b.backup")
        except BackupUnusableError:
            refused += 1
        assert content(filled) == before
    assert refused > 12
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "b.backup").write_bytes(whole[:length])
        with pytest.raises(BackupUnusableError, match="no whole backup"):
            restore(filled, tmp_path / "b.backup")
    assert content(filled) == before


def rewritten(path: Path, new: Path, **changes: object) -> None:
    """Write a backup anew with a changed manifest."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(new, "w") as out:
        for name in old.namelist():
            held = old.read(name)
            if name == "manifest.json":
                held = msgspec.json.encode(msgspec.json.decode(held) | changes)
            out.writestr(name, held)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"revision": "9999"}, "newer"),
        ({"database": "other"}, "another kind"),
        ({"format": 2}, "does not read"),
        ({"posts": "many"}, "no whole backup"),
        ({"members": {"models/../../x": {"size": 0, "sha256": ""}}}, "damaged"),
    ],
)
def test_foreign_backup_is_refused(filled: Corpus, tmp_path: Path, changes: dict[str, object], told: str) -> None:
    """What a newer program, another database or a stranger wrote is refused, each with its reason."""
    save(filled, tmp_path / "a.backup")
    rewritten(tmp_path / "a.backup", tmp_path / "b.backup", **changes)
    before = content(filled)
    with pytest.raises(BackupUnusableError, match=told):
        restore(filled, tmp_path / "b.backup")
    assert content(filled) == before


def test_name_that_leads_out_of_its_folder_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    """No file is unpacked beside the folder that it belongs to."""
    with backup_file.writing(tmp_path / "a.backup") as writer:
        writer.add("models/../../evil", [b"x"])
        backup.save(corpus.database, writer, scratch=tmp_path, program="0.1.0", now=NOW)
    with backup_file.reading(tmp_path / "a.backup") as reader, pytest.raises(BackupUnusableError, match="damaged"):
        list(reader.files_under("models"))


def test_restoration_that_breaks_off_leaves_the_database(
    filled: Corpus, make_post: MakePost, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut short in the middle, the database is as before, and the restoration can be repeated."""
    saved = content(filled)
    save(filled, tmp_path / "a.backup")
    store(filled, [make_post(number) for number in range(200, 220)])
    before = content(filled)

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(backup, "_patience", lambda: cut)
        patch.setattr(backup, "_set_sequences", cut)
        if filled.database.sqlite:
            patch.setattr(backup, "_PAGES", 1)
        with pytest.raises(KeyboardInterrupt):
            restore(filled, tmp_path / "a.backup")
    assert content(filled) == before
    restore(filled, tmp_path / "a.backup")
    assert content(filled) == saved


def test_backup_that_breaks_off_leaves_no_file(filled: Corpus, tmp_path: Path) -> None:
    """There is a whole backup under its name, or none."""
    existing = set(tmp_path.iterdir())

    def write() -> None:
        with backup_file.writing(tmp_path / "a.backup") as writer:
            writer.add("models/x", [b"x"])
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write()
    assert set(tmp_path.iterdir()) == existing
    save(filled, tmp_path / "a.backup")
    with pytest.raises(MisuseError, match="exists already"):
        save(filled, tmp_path / "a.backup")


def test_restoration_waits_for_no_writer_for_ever(
    database_url: str, filled: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that somebody keeps locked is told as locked, and is as before."""
    if not filled.database.sqlite:
        pytest.skip("PostgreSQL's readers and writers wait for one another in its own way")
    monkeypatch.setattr(backup, "BUSY_SECONDS", 0.5)
    save(filled, tmp_path / "a.backup")
    before = content(filled)
    with Corpus.open(database_url) as other, other.database.writing() as connection:
        other.database.run(connection, "DELETE FROM facts")
        with pytest.raises(DatabaseUnavailableError, match="locked"):
            restore(filled, tmp_path / "a.backup")
        connection.rollback()
    assert content(filled) == before
