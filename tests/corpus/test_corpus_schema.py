"""The versions of the tables."""

import os
import re
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from corpus.database import Database, DatabaseUnavailableError
from corpus.declared import METADATA
from corpus.schema import MIGRATIONS, REVISIONS, NewerSchemaError, OutdatedSchemaError
from corpus.store import Corpus
from programme.errors import MisuseError

_VIRTUAL = "search_index"
"""And the tables behind it, which SQLite makes: they cannot be declared."""


def _on_sqlite(_object: object, name: str | None, *_: object) -> bool:
    # Alembic does not ask an index on which databases it is made.
    return not (name or "").startswith(_VIRTUAL) and name != "ix_search_posts_codes"


def test_migrations_make_the_declared_tables(database_url: str) -> None:
    """The migrated tables are those that the code declares."""
    assert Corpus.prepare(database_url) == list(REVISIONS)
    assert Corpus.prepare(database_url) == []
    database = Database(database_url)
    with database.reading() as connection:
        opts = {"compare_type": True, "include_object": _on_sqlite if database.sqlite else None}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, METADATA) == []
    database.close()


def test_migrated_and_declared_sqlite_tables_are_spelt_alike() -> None:
    """Keys, checks and row ids too are those that the code declares, which the comparison does not see."""
    spelt = []
    with Corpus.open("sqlite://") as corpus:
        spelt.append(
            {
                row[0]: row[1]
                for row in corpus.database.query("SELECT name, sql FROM sqlite_master WHERE type <> 'view'")
            }
        )
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        spelt.append({row[0]: row[1] for row in connection.exec_driver_sql("SELECT name, sql FROM sqlite_master")})
    engine.dispose()
    migrated, declared = ({n: sorted(re.findall(r"\w+", sql)) for n, sql in tables.items() if sql} for tables in spelt)
    assert {
        name: sql for name, sql in migrated.items() if name != "alembic_version" and not name.startswith(_VIRTUAL)
    } == declared


def test_known_versions_are_those_of_the_scripts() -> None:
    """The list of versions in the code is that of the scripts."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(script.revision for script in scripts)[::-1] == REVISIONS


def test_database_of_a_newer_version_is_refused(database_url: str) -> None:
    """A database that a newer program wrote is left alone, with the remedy."""
    Corpus.prepare(database_url)
    database = Database(database_url)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for attempt in (Corpus.open, Corpus.prepare):
        with pytest.raises(NewerSchemaError, match=r"newer Kuntakaiku.*restore the backup") as caught:
            attempt(database_url)
        assert caught.value.exit_code == 2


def test_tables_are_not_made_unasked(database_url: str) -> None:
    """PostgreSQL is upgraded only when asked, and SQLite not where that is forbidden."""
    with pytest.raises(OutdatedSchemaError, match="db upgrade"):
        Corpus.open(database_url, upgrade=not database_url.startswith("sqlite"))
    Corpus.prepare(database_url)
    with Corpus.open(database_url, upgrade=False) as corpus:
        assert corpus.upgrade() == []


def test_foreign_database_is_refused(tmp_path: Path) -> None:
    """A database with another program's tables gets none of ours."""
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(MisuseError, match="another program"):
        Corpus.open(f"sqlite:///{path}")
    engine = create_engine(f"sqlite:///{path}")
    assert inspect(engine).get_table_names() == ["songs"]
    engine.dispose()


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A file of another kind is refused with its name, and not touched."""
    path = tmp_path / "letter.txt"
    path.write_text("Hyvä vastaanottaja, " * 400)
    with pytest.raises(DatabaseUnavailableError, match="not a Kuntakaiku database"):
        Corpus.open(f"sqlite:///{path}")
    assert path.read_text().startswith("Hyvä vastaanottaja, Hyvä")


@pytest.mark.parametrize(
    "url",
    ["mysql://localhost/x", "no address", "sqlite:////proc/none/kuntakaiku.db"],
    ids=["another kind", "no address", "no directory"],
)
def test_useless_address_is_refused(url: str) -> None:
    """An address of no use is misuse, with a remedy."""
    with pytest.raises(MisuseError) as caught:
        Corpus.open(url)
    assert caught.value.remedy


@pytest.mark.everything
def test_two_processes_make_the_tables_once(tmp_path: Path) -> None:
    """Two programs that open a new database at once both find it ready."""
    code = "import sys; from corpus.store import Corpus; Corpus.open(sys.argv[1]).close()"
    url = f"sqlite:///{tmp_path / 'kuntakaiku.db'}"
    root = str(Path(__file__).parents[2])
    both = [
        subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", code, url], env=os.environ | {"PYTHONPATH": root}, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    assert [process.communicate()[1] for process in both] == [b"", b""]
    assert [process.returncode for process in both] == [0, 0]
    with Corpus.open(url) as corpus:
        assert corpus.verify() == []


def test_current_database_opens_without_alembic(tmp_path: Path) -> None:
    """A start on a current database does not load the library of migrations."""
    url = f"sqlite:///{tmp_path / 'kuntakaiku.db'}"
    Corpus.open(url).close()
    code = "import sys; from corpus.store import Corpus; Corpus.open(sys.argv[1]); print('alembic' in sys.modules)"
    root = str(Path(__file__).parents[2])
    found = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code, url], env=os.environ | {"PYTHONPATH": root}, capture_output=True, check=True
    )
    assert found.stdout.strip() == b"False"


def test_orphans_are_found(tmp_path: Path) -> None:
    """Verification names rows that lost what they belong to."""
    path = tmp_path / "kuntakaiku.db"
    with Corpus.open(f"sqlite:///{path}") as corpus:
        assert corpus.verify() == []
        connection = sqlite3.connect(path)
        connection.execute("INSERT INTO metrics (post_id, seen_at) VALUES (7, 1)")
        connection.commit()
        connection.close()
        assert corpus.verify() == ["1 rows of metrics without their post"]


def test_damage_is_found(tmp_path: Path, now: datetime) -> None:
    """Verification says that a database is damaged."""
    path = tmp_path / "kuntakaiku.db"
    with Corpus.open(f"sqlite:///{path}") as corpus:
        corpus.facts.put("a", "b", now=now)
    content = bytearray(path.read_bytes())
    content[4096:40960] = b"\x55" * (40960 - 4096)
    path.write_bytes(content)
    corpus = Corpus(Database(f"sqlite:///{path}"))
    assert corpus.verify()
    corpus.close()
