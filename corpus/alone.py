"""Work that only one process may do at a time; its lock dies with the process, whatever kills it."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.database import Database

_TRIES = 20
"""Tenths of a second within which PostgreSQL notices that a process has died, and gives its lock back."""


@contextmanager
def alone(database: Database, name: str) -> Iterator[bool]:
    """Give True to the one process that may do the named work on a database, False to all others."""
    lock = _file_lock(database.path, name) if database.sqlite else _advisory_lock(database, name)
    with lock as held:
        yield held


@contextmanager
def _file_lock(path: Path | None, name: str) -> Iterator[bool]:
    if path is None:  # in memory: nobody else can see it
        yield True
        return
    import fcntl

    descriptor = os.open(path.with_name(f"{path.name}.{name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(database: Database, name: str) -> Iterator[bool]:
    """Hold a session's lock, which PostgreSQL gives back when the connection ends, however it ends.

    See https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """
    with database.reading() as connection:
        # Such a lock belongs to the whole database, which may hold an installation in each schema.
        schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
        number = int.from_bytes(hashlib.sha256(f"{schema} {name}".encode()).digest()[:8], "big", signed=True)
        held = False
        for _ in range(_TRIES):
            held = bool(connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (number,)).scalar())
            if held:
                break
            connection.exec_driver_sql("SELECT pg_sleep(0.1)")
        # Outside a transaction, which would keep old rows alive while the work is done.
        connection.commit()
        try:
            yield held
        finally:
            if held:
                connection.exec_driver_sql("SELECT pg_advisory_unlock(%s)", (number,))
                connection.commit()
