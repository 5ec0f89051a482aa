"""Connections and transactions: what differs between SQLite and PostgreSQL is decided here."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EACCES, EISDIR
from os import strerror
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from programme.errors import KuntakaikuError, MisuseError

BUSY_SECONDS = 10
"""How long a writer waits for another before it gives up."""
_SWITCHES = 100
"""Tries, a twentieth of a second apart, at switching a new database to write-ahead logging."""
CHUNK = 5_000
"""Keys in one look-up."""
_CACHE = 32_000
"""Kilobytes of pages that each connection to SQLite keeps."""
_CACHE_IN_PASSING = 4_000
_LOG_PAGES = 16_000
"""Pages of 4 kB that SQLite's write-ahead log holds before they are moved into the file."""

Parameters = Sequence[Any]


class DatabaseUnavailableError(KuntakaikuError):
    """The database did not do what was asked; nothing of the transaction was kept."""


class NoDatabaseError(DatabaseUnavailableError):
    """The file that was named is something else."""

    exit_code = 2


class Database:
    """An opened database: reads that hold nothing open, and writes in one transaction each."""

    def __init__(self, url: str) -> None:
        self.url = _parsed(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database) if self.sqlite and self.url.database not in (None, "", ":memory:") else None
        self.engine = _sqlite_engine(self.url, self.path) if self.sqlite else _postgresql_engine(self.url)
        driver = self.engine.dialect.loaded_dbapi
        self.driver_error: type[Exception] = driver.Error

    @contextmanager
    def writing(self, *, durable: bool = False, trusting: bool = False) -> Iterator[Connection]:
        """Give a transaction that commits at the end, or leaves nothing behind.

        Args:
            durable: what is committed survives a power cut, not only a crash of the program.
            trusting: SQLite need not look up what each row points to: all of it was looked up in this transaction.

        Raises:
            DatabaseUnavailableError: it is locked, full, broken, read-only or out of reach.
        """
        with translated(self), self.engine.connect() as connection:
            if self.sqlite:
                # They cannot be set inside a transaction.
                connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                connection.exec_driver_sql(f"PRAGMA foreign_keys={'OFF' if trusting else 'ON'}")
                connection.rollback()
                connection = connection.execution_options(kuntakaiku_writes=True)  # noqa: PLW2901 - the same connection
            with connection.begin():
                yield connection

    def empty_log(self) -> None:
        """Take what was overwritten out of SQLite's write-ahead log too, unless somebody is reading it just now.

        See https://www.sqlite.org/wal.html#ckpt
        """
        if self.path is None:
            return
        with translated(self), self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read from; read all you need before you leave.

        Raises:
            DatabaseUnavailableError: it is locked, broken or out of reach.
        """
        with translated(self), self.engine.connect() as connection:
            yield connection

    def sql(self, statement: str) -> str:
        """Return a statement written with ``?`` for this database's driver."""
        return statement if self.sqlite else statement.replace("?", "%s")

    def run(self, connection: Connection, statement: str, parameters: Parameters = ()) -> int:
        """Carry out one statement and return the number of rows it changed."""
        return connection.exec_driver_sql(self.sql(statement), tuple(parameters)).rowcount

    def run_many(self, connection: Connection, statement: str, rows: Sequence[Parameters]) -> int:
        """Carry out one statement for many rows and return the number of rows changed."""
        if not rows:
            return 0
        return connection.exec_driver_sql(self.sql(statement), rows).rowcount

    def rows(self, connection: Connection, statement: str, parameters: Parameters = ()) -> list[Any]:
        """Return all rows of a query, as the driver's tuples."""
        cursor = connection.exec_driver_sql(self.sql(statement), tuple(parameters)).cursor
        assert cursor is not None  # noqa: S101 - a query has a cursor
        return list(cursor.fetchall())

    def query(self, statement: str, parameters: Parameters = ()) -> list[Any]:
        """Return all rows of a query on a connection of its own."""
        with self.reading() as connection:
            return self.rows(connection, statement, parameters)

    def query_in_passing(self, statement: str, parameters: Parameters = ()) -> list[Any]:
        """Return all rows of a query; its pages, which are not read again, do not stay in memory."""
        if not self.sqlite:
            return self.query(statement, parameters)
        with self.reading() as connection:
            connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_IN_PASSING}")
            try:
                return self.rows(connection, statement, parameters)
            finally:
                connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE}")

    def among(self, column: str) -> str:
        """Return a condition that takes one parameter made by ``keys``."""
        if self.sqlite:
            return f"{column} IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own names
        return f"{column} = ANY(?)"

    def keys(self, values: Iterable[int] | Iterable[str]) -> Any:  # noqa: ANN401 - what the driver wants
        """Return look-up keys as the one parameter of ``among``: any number, one prepared statement."""
        return json.dumps(list(values)) if self.sqlite else list(values)

    def next_ids(self, connection: Connection, table: str, column: str, count: int) -> range | list[int]:
        """Reserve ids for rows about to be inserted; inside a writing transaction."""
        if not self.sqlite:
            self.hold(connection, f"{table} come in")
            found = self.rows(
                connection,
                f"SELECT nextval(pg_get_serial_sequence('{table}', '{column}')) FROM generate_series(1, ?)",  # noqa: S608 - our own names
                (count,),
            )
            return [row[0] for row in found]
        # BEGIN IMMEDIATE: nobody else writes until we commit.
        last = self.rows(connection, f"SELECT coalesce(max({column}), 0) FROM {table}")[0][0]  # noqa: S608 - our own names
        return range(last + 1, last + 1 + count)

    def hold(self, connection: Connection, what: str, *, alone: bool = False) -> None:
        """Hold something to the end of the transaction: alone, or with all others who do not ask to be alone.

        SQLite has one writer at a time anyway.
        See https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
        """
        if not self.sqlite:
            function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
            # Such a lock belongs to the whole database, which may hold an installation in each schema.
            self.rows(connection, f"SELECT {function}(hashtextextended(current_schema() || ' ' || ?, 0))", (what,))

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def translated(database: Database) -> Iterator[None]:
    """Turn the driver's complaints into ours.

    Raises:
        DatabaseUnavailableError: with what to do next.
    """
    try:
        yield
    except (exc.OperationalError, exc.DatabaseError) as error:
        # Without a statement it is the connection that was refused, whatever the driver calls it.
        ours = isinstance(error, exc.IntegrityError | exc.ProgrammingError | exc.DataError)
        if ours and error.statement is not None:
            raise
        raise _explained(database.url, str(error.orig)) from error
    except database.driver_error as error:  # while fetching
        raise _explained(database.url, str(error)) from error


def _explained(url: URL, complaint: str) -> DatabaseUnavailableError:
    where = url.render_as_string(hide_password=True)
    known = {
        "locked": ("is locked by another program", "Let the other program finish, then run the command again."),
        "disk is full": (
            "has no space left on its disk",
            "Make room, then run the command again; nothing is half done.",
        ),
        "disk I/O": ("could not be read or written", "Check the disk and its free space, then run `db verify`."),
        "readonly": ("may not be written to", "Give this user the right to write to the file and its directory."),
        "malformed": ("is damaged", "Restore the last backup."),
        "no such": (
            "lacks tables that it should have",
            "Restore the last backup, or point --database at another file.",
        ),
        "unable to open": ("cannot be opened", "Check that the directory exists and may be written to."),
    }
    if "not a database" in complaint:
        return NoDatabaseError(
            f"The database {where} is not a Kuntakaiku database.", "Point --database at another file."
        )
    for sign, (problem, remedy) in known.items():
        if sign in complaint:
            return DatabaseUnavailableError(f"The database {where} {problem}.", remedy)
    first = complaint.strip().splitlines()[0] if complaint.strip() else "no reason was given"
    return DatabaseUnavailableError(
        f"The database {where} did not answer as it should ({first}).",
        "Check that its server runs and can be reached.",
    )


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise MisuseError("The database's address cannot be read.", "Write it like sqlite:///kuntakaiku.db.") from error
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise MisuseError(
            f"Databases of the kind {parsed.drivername!r} are not supported.", "Use sqlite:///FILE or postgresql://…"
        )
    if parsed.drivername == "sqlite" and parsed.query:
        raise MisuseError("The address of a SQLite database takes no options.", "Leave out what follows the `?`.")
    return parsed


def _sqlite_engine(url: URL, path: Path | None) -> Engine:
    if path is None:
        # One connection is the database; another would see another, empty one.
        # hide_parameters: what a complaint would quote are posts.
        engine = create_engine(
            url, hide_parameters=True, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
    else:
        _create_private(path)
        # The last one back goes out first: each connection that is used fills a cache of 32 MB.
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_use_lifo=True,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver's own transactions would begin too late, and not around tables.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            # What an edit or a burial replaces is overwritten: it must not be found in the file. Inserts pay nothing.
            "secure_delete=ON",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"cache_size=-{_CACHE}",
            "temp_store=MEMORY",
            # Pages that batch after batch writes to are taken out of the log once in a while, not at every commit.
            f"wal_autocheckpoint={_LOG_PAGES}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        _write_ahead(cursor)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its turn at once; a reader needs no transaction, since each of its queries stands alone.
        if connection.get_execution_options().get("kuntakaiku_writes"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _create_private(path: Path) -> None:
    """Create the file so that nobody else can read it; SQLite gives its side files the same rights.

    A file that is there is not opened: closing it would take away the locks of every connection that this process has
    to it, and another process would clear the log away under them (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        if path.is_dir():
            raise IsADirectoryError(EISDIR, strerror(EISDIR))
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(EACCES, strerror(EACCES))
    except OSError as error:
        raise MisuseError(
            f"The database {path} cannot be opened ({error.strerror}).",
            "Choose a file in a directory that you may write to.",
        ) from error


def _postgresql_engine(url: URL) -> Engine:
    try:
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise MisuseError(
            "The driver for PostgreSQL is not installed.", "Install it with: pip install 'kuntakaiku[postgresql]'"
        ) from error


def _write_ahead(cursor: DBAPICursor) -> None:
    """Switch to write-ahead logging; SQLite does not wait by itself where another process is switching just now."""
    from sqlite3 import OperationalError

    waiting = Event()
    for attempt in range(_SWITCHES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except OperationalError:
            if attempt == _SWITCHES - 1:
                raise
            waiting.wait(0.05)
        else:
            return
