# ruff: noqa: S608 - statements are put together from the database's own names; values are always parameters
"""A copy of the whole database while everything runs, and the way back.

SQLite is copied by ``VACUUM INTO``, which reads one state, keeps nobody from writing and leaves deleted bytes out; it
is restored by its backup interface, which replaces the content in one transaction
(https://www.sqlite.org/lang_vacuum.html#vacuuminto, https://www.sqlite.org/backup.html). PostgreSQL's tables are copied
as text out of one snapshot and back in one transaction (https://www.postgresql.org/docs/current/sql-copy.html), so that
neither its programs nor its version matter.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, inspect

from corpus import backup_file
from corpus.backup_file import BackupReader, BackupUnusableError, BackupWriter, Manifest
from corpus.database import BUSY_SECONDS, Database, translated
from corpus.schema import REVISIONS, upgrade, upgrade_within
from programme.errors import MisuseError

_SQLITE = "database.sqlite"
_PAGES = 10_000
"""In one step of a restoration; others are kept out until the last."""
_SLEEP = 0.25
"""Seconds between tries at a database that another program is writing to."""


def save(database: Database, writer: BackupWriter, *, scratch: Path, program: str, now: datetime) -> Manifest:
    """Write the whole database into a backup and finish it.

    Args:
        database: may be written to meanwhile; what is committed later is not in the backup.
        writer: of the backup, to which other files have been added before.
        scratch: directory with room for an uncompressed copy of SQLite's file.
        program: version of Kuntakaiku.
        now: the present instant.

    Raises:
        DatabaseUnavailableError: it cannot be read.
        MisuseError: it is in memory.
        OSError: the copy cannot be written.
    """
    columns: dict[str, list[str]] = {}
    if database.sqlite:
        posts = _save_sqlite(database, writer, scratch)
    else:
        posts, columns = _save_postgresql(database, writer)
    manifest = Manifest(
        format=backup_file.FORMAT,
        program=program,
        made_at=now,
        database=_kind(database),
        revision=REVISIONS[-1],
        posts=posts,
        columns=columns,
        members=writer.members,
    )
    writer.finish(manifest)
    return manifest


def check_fit(database: Database, reader: BackupReader) -> None:
    """Return where a backup can be restored into a database, its every byte read once.

    Raises:
        BackupUnusableError: it is damaged, of another kind of database, or of a newer Kuntakaiku.
    """
    manifest = reader.manifest
    if manifest.database != _kind(database):
        raise BackupUnusableError(
            f"The backup is of a {manifest.database} database, and --database names another kind.",
            f"Point --database at a {manifest.database} database.",
        )
    if manifest.revision not in REVISIONS:
        raise BackupUnusableError(
            f"The backup was made by a newer Kuntakaiku ({manifest.program}).", "Install that version, then restore."
        )
    reader.check()


def restore(database: Database, reader: BackupReader, *, scratch: Path) -> None:
    """Replace the content of a database by that of a checked backup, in one transaction, and bring it up to date.

    Args:
        database: what it holds now is lost.
        reader: of a backup that ``check_fit`` has let pass.
        scratch: directory with room for an uncompressed copy of SQLite's file.

    Raises:
        BackupUnusableError: its content is damaged; nothing was touched.
        DatabaseUnavailableError: the database is in use or cannot be written; it is as before.
        OSError: there is no room for the copy; nothing was touched.
    """
    if database.sqlite:
        _restore_sqlite(database, reader, scratch)
    else:
        _restore_postgresql(database, reader)


def _kind(database: Database) -> str:
    return "sqlite" if database.sqlite else "postgresql"


def _save_sqlite(database: Database, writer: BackupWriter, scratch: Path) -> int:
    if database.path is None:
        raise MisuseError("A database in memory cannot be backed up.", "Name a file with --database.")
    copy = scratch / _SQLITE
    with database.reading() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
    try:
        with closing(sqlite3.connect(copy)) as copied:
            posts = int(copied.execute("SELECT count(*) FROM posts").fetchone()[0])
        with copy.open("rb") as file:
            writer.add(_SQLITE, backup_file.file_pieces(file))
    finally:
        copy.unlink()
    return posts


def _restore_sqlite(database: Database, reader: BackupReader, scratch: Path) -> None:
    copy = scratch / _SQLITE
    try:
        with copy.open("xb") as file:
            for piece in reader.pieces(_SQLITE):
                file.write(piece)
        _check_copy(copy)
        restored = Database(f"sqlite:///{copy}")
        try:
            upgrade(restored)
        finally:
            restored.close()
        database.close()
        with (
            translated(database),
            closing(sqlite3.connect(copy)) as source,
            closing(sqlite3.connect(str(database.path), timeout=0)) as target,
        ):
            source.backup(target, pages=_PAGES, progress=_patience(), sleep=_SLEEP)
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        for name in ("", "-wal", "-shm"):
            copy.with_name(copy.name + name).unlink(missing_ok=True)


def _patience() -> Callable[[int, int, int], None]:
    """Return what ends a restoration, told of each of its steps, when others hold the database for too long."""
    left = int(BUSY_SECONDS / _SLEEP)

    def step(status: int, remaining: int, total: int) -> None:
        nonlocal left
        del remaining, total
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            left -= 1
            if left < 0:
                raise sqlite3.OperationalError("database is locked")

    return step


def _check_copy(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(copy)) as copied:
            if copied.execute("PRAGMA integrity_check").fetchone()[0] == "ok":
                return
    except sqlite3.DatabaseError:
        pass
    raise BackupUnusableError("The database in the backup is damaged; nothing was touched.", "Restore an older backup.")


def _save_postgresql(database: Database, writer: BackupWriter) -> tuple[int, dict[str, list[str]]]:
    with database.reading() as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tables = MetaData()
        tables.reflect(connection)
        columns = {table.name: _written_columns(connection, table.name) for table in tables.sorted_tables}
        for name, names in columns.items():
            writer.add(_member(name), _copied_out(connection, name, names))
        posts = connection.exec_driver_sql("SELECT count(*) FROM posts").scalar()
    return int(posts or 0), columns


def _restore_postgresql(database: Database, reader: BackupReader) -> None:
    manifest = reader.manifest
    with database.writing(durable=True) as connection:
        # Whoever reads meanwhile sees the old tables until the commit, and waits for it then.
        for name in inspect(connection).get_table_names():
            connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
        upgrade_within(connection, manifest.revision)  # with the views, where it is the newest
        connection.exec_driver_sql("DELETE FROM alembic_version")
        for name, columns in manifest.columns.items():
            _copy_in(connection, name, columns, reader.pieces(_member(name)))
        _set_sequences(connection)
        if manifest.revision != REVISIONS[-1]:
            upgrade_within(connection, "head")


def _member(table: str) -> str:
    return f"tables/{table}"


def _written_columns(connection: Connection, table: str) -> list[str]:
    """Return the columns that PostgreSQL does not compute itself."""
    return [
        row[0]
        for row in connection.exec_driver_sql(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            (table,),
        )
    ]


def _list(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - psycopg is an extra
    return connection.connection.driver_connection


def _copied_out(connection: Connection, table: str, columns: Sequence[str]) -> Iterator[bytes]:
    with (
        _driver(connection).cursor() as cursor,
        cursor.copy(f'COPY "{table}" ({_list(columns)}) TO STDOUT') as copy,
    ):
        for piece in copy:
            yield bytes(piece)


def _copy_in(connection: Connection, table: str, columns: Sequence[str], pieces: Iterator[bytes]) -> None:
    with (
        _driver(connection).cursor() as cursor,
        cursor.copy(f'COPY "{table}" ({_list(columns)}) FROM STDIN') as copy,
    ):
        for piece in pieces:
            copy.write(piece)


def _set_sequences(connection: Connection) -> None:
    """Let each table's own numbers go on after its last row."""
    # In a CASE: the server may ask for the sequences first, also of tables that are in no schema it looks into.
    for table, column in connection.exec_driver_sql(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
        " AND CASE WHEN table_schema = current_schema()"
        " THEN pg_get_serial_sequence(quote_ident(table_name), column_name) END IS NOT NULL"
    ).all():
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'),"
            f' coalesce(max("{column}"), 0) + 1, false) FROM "{table}"'
        )
