"""Every schema that was ever released, filled, comes through an upgrade whole; and whole through one that is killed."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    event,
    insert,
    select,
)

from corpus.database import Database
from corpus.schema import REVISIONS, NewerSchemaError, upgrade, upgrade_within
from corpus.store import Corpus

pytestmark = pytest.mark.everything
_ROWS = 3
_DERIVED = ("search_", "alembic_version")
"""What the next `index` makes anew, and the version itself."""
Rows = dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]]


def tables(connection: Connection) -> list[Table]:
    """Return the tables that hold what people and networks gave, parents first."""
    known = MetaData()
    known.reflect(connection)
    return [table for table in known.sorted_tables if not table.name.startswith(_DERIVED)]


def fill(connection: Connection) -> None:
    """Put rows into every table, each pointing to its like in the tables above."""
    for table in tables(connection):
        connection.execute(
            insert(table),
            [{column.name: _value(table, column, row) for column in table.columns} for row in range(1, _ROWS + 1)],
        )


def _value(table: Table, column: Any, row: int) -> object:  # noqa: ANN401 - a column
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return _value(key.column.table, key.column, row)
    if column.name in ("gone", "gone_at"):
        return None  # a tombstone has no text
    if isinstance(column.type, Boolean):
        return row % 2 == 0
    if isinstance(column.type, LargeBinary):
        return f"{table.name}.{column.name}".encode() + bytes([row])
    if isinstance(column.type, Integer | Float):
        return row
    return "{}" if column.name in ("counts", "numbers", "scores", "report") else f"{table.name}.{column.name} äö {row}"


def held(connection: Connection, columns: Rows | None = None) -> Rows:
    """Return every row of every table; where columns are given, of those only."""
    found: Rows = {}
    for table in tables(connection):
        if columns is not None and table.name not in columns:
            continue
        names = columns[table.name][0] if columns else tuple(sorted(column.name for column in table.columns))
        rows = connection.execute(select(*(table.c[name] for name in names))).all()
        found[table.name] = (names, sorted((tuple(row) for row in rows), key=repr))
    return found


@pytest.fixture(params=REVISIONS)
def released(request: pytest.FixtureRequest, database_url: str) -> Iterator[tuple[Database, str]]:
    """A filled database as some release left it, and the version of its tables."""
    database = Database(database_url)
    with database.writing() as connection:
        upgrade_within(connection, request.param)
        fill(connection)
    yield database, request.param
    database.close()


def test_what_went_in_comes_out(released: tuple[Database, str]) -> None:
    """Every row of every released schema stands in the newest one, column by column, and nothing is orphaned."""
    database, revision = released
    with database.reading() as connection:
        before = held(connection)
    assert len(before) > 15
    assert all(len(rows) == _ROWS for _, rows in before.values())
    assert upgrade(database) == list(REVISIONS[REVISIONS.index(revision) + 1 :])
    with database.reading() as connection:
        assert held(connection, before) == before
    corpus = Corpus(database)
    assert [problem for problem in corpus.verify() if "search" not in problem] == []
    assert corpus.posts.count() == _ROWS


def test_the_way_back_is_the_backup(tmp_path: Path) -> None:
    """A program of the older version refuses the newer database and takes up the copy made before the upgrade."""
    url, older = f"sqlite:///{tmp_path / 'kuntakaiku.db'}", tmp_path / "before.db"
    database = Database(url)
    with database.writing() as connection:
        upgrade_within(connection, REVISIONS[-2])
        fill(connection)
    database.empty_log()
    with database.reading() as connection:
        before = held(connection)
        database.run(connection, "VACUUM INTO ?", (str(older),))
    upgrade(database)
    database.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("corpus.schema.REVISIONS", REVISIONS[:-1])
        with pytest.raises(NewerSchemaError, match="backup made before the upgrade"):
            Corpus.open(url)
        with Corpus.open(f"sqlite:///{older}") as corpus, corpus.database.reading() as connection:
            assert held(connection) == before


def killed_at(url: str, number: int, before_it_dies: Callable[[Any], None] = lambda _: None) -> bool:
    """Upgrade in a process that dies at its n-th statement, as by SIGKILL; return whether it came to that."""
    child = os.fork()
    if child == 0:
        seen = 0
        database = Database(url)

        def count(_connection: object, cursor: Any, *_: object) -> None:  # noqa: ANN401 - a driver's
            nonlocal seen
            seen += 1
            if seen == number:
                before_it_dies(cursor)
                os._exit(9)

        event.listen(database.engine, "before_cursor_execute", count)
        try:
            upgrade(database)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.fixture
def first(database_url: str) -> tuple[str, Rows]:
    """Address of a filled database of the first release, and what it holds."""
    database = Database(database_url)
    with database.writing() as connection:
        upgrade_within(connection, REVISIONS[0])
        fill(connection)
    with database.reading() as connection:
        before = held(connection)
    database.close()
    return database_url, before


def unchanged(url: str, before: Rows) -> None:
    """Hold a database to what it was.

    Raises:
        AssertionError: tables, columns or rows differ.
    """
    database = Database(url)
    try:
        with database.reading() as connection:
            assert held(connection) == before, "half an upgrade was kept"
    finally:
        database.close()


@pytest.mark.fault("F18", how="the process dies at a statement, counted through all migrations")
def test_killed_upgrade_leaves_everything_as_it_was(first: tuple[str, Rows], *, fault_long: bool) -> None:
    """Wherever it dies, tables and rows are as before, and the next upgrade goes through."""
    url, before = first
    number = 1
    while killed_at(url, number):
        unchanged(url, before)
        number += 1 if fault_long else 9
    assert number > 40
    with Corpus(Database(url)) as corpus, corpus.database.reading() as connection:
        assert held(connection, before) == before
        assert corpus.posts.count() == _ROWS


@pytest.mark.control("F18")
def test_upgrade_that_keeps_its_first_half_is_noticed(first: tuple[str, Rows]) -> None:
    """An upgrade that commits on its way does not pass the same look."""
    url, before = first
    assert killed_at(url, 60, lambda cursor: cursor.connection.commit())
    with pytest.raises(AssertionError, match="half an upgrade"):
        unchanged(url, before)
