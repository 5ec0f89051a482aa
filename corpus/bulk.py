# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Many new rows at once: several to a statement on SQLite, by way of ``COPY`` on PostgreSQL.

A driver's price is paid per statement: a row of two numbers costs SQLite less than the call that hands it over, and
PostgreSQL a round trip's share of parsing and planning.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from corpus.database import Database, Parameters

_TOGETHER = 50
"""Rows of one statement on SQLite: beyond that nothing is gained."""
_MOST_PARAMETERS = 32_000
"""SQLite takes 32,766: https://www.sqlite.org/limits.html#max_variable_number"""
_COPIED = 200
"""Rows from which on a temporary table is worth its two statements more."""


def insert(
    database: Database, connection: Connection, into: str, rows: Sequence[Parameters], conflict: str = ""
) -> int:
    """Insert rows and return how many of them changed the table.

    Args:
        database: whose transaction it is.
        connection: the transaction.
        into: table and columns: ``posts (post_id, network)``.
        rows: values in the order of the columns.
        conflict: ``ON CONFLICT …``; one that updates may meet each key once only.
    """
    if not rows:
        return 0
    if database.sqlite:
        return _insert_together(database, connection, into, rows, conflict)
    if len(rows) < _COPIED:
        return database.run_many(connection, _statement(into, len(rows[0]), 1, conflict), rows)
    return _copy(connection, into, rows, conflict)


def _insert_together(
    database: Database, connection: Connection, into: str, rows: Sequence[Parameters], conflict: str
) -> int:
    width = len(rows[0])
    together = min(_TOGETHER, _MOST_PARAMETERS // width)
    whole = len(rows) - len(rows) % together
    changed = 0
    if whole:
        grouped = [tuple(chain.from_iterable(rows[n : n + together])) for n in range(0, whole, together)]
        changed += database.run_many(connection, _statement(into, width, together, conflict), grouped)
    return changed + database.run_many(connection, _statement(into, width, 1, conflict), rows[whole:])


@lru_cache(maxsize=64)
def _statement(into: str, width: int, rows: int, conflict: str) -> str:
    values = f"({', '.join('?' * width)})"
    return f"INSERT INTO {into} VALUES {', '.join([values] * rows)} {conflict}"


def _copy(connection: Connection, into: str, rows: Sequence[Parameters], conflict: str) -> int:
    """Copy rows beside the table, then take them over in their order.

    See https://www.psycopg.org/psycopg3/docs/basic/copy.html
    """
    table, _, columns = into.partition(" ")
    names = columns.strip("()")
    beside = f"new_{table}"
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {beside} ON COMMIT DELETE ROWS AS SELECT {names} FROM {table} LIMIT 0"
    )
    connection.exec_driver_sql(f"TRUNCATE {beside}")
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {beside} {columns} FROM STDIN") as copying:
        for row in rows:
            copying.write_row(row)
    return connection.exec_driver_sql(f"INSERT INTO {into} SELECT {names} FROM {beside} {conflict}").rowcount
