"""Work in a process that dies at its n-th write, as by SIGKILL; and a variant that keeps its first half on purpose."""

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

_READS = ("SELECT", "PRAGMA", "EXPLAIN", "SHOW")


def dies_at(number: int, work: Callable[[], object], *, keeps_half: bool = False) -> bool:
    """Do work in a child that is killed at its n-th write or commit; return whether it came to that.

    Args:
        number: of the write, from one on.
        work: opens whatever it needs itself: nothing open survives the fork.
        keeps_half: the broken variant, which commits after each statement.

    Raises:
        AssertionError: the work ended by itself, and not well.
    """
    child = os.fork()
    if child == 0:
        _count_writes(number)
        if keeps_half:
            event.listen(Engine, "after_cursor_execute", _commit)
        try:
            work()
        except BaseException:  # noqa: BLE001 - told by the exit
            os._exit(3)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended in (0, -signal.SIGKILL), f"the work failed by itself: exit {ended}"
    return ended == -signal.SIGKILL


def _count_writes(last: int) -> None:
    seen = 0

    def one(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(_connection: object, _cursor: object, words: str, *_: object) -> None:
        if not words.lstrip().upper().startswith(_READS):
            one()

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", one)


def _commit(_connection: object, cursor: Any, words: str, *_: object) -> None:  # noqa: ANN401 - a driver's
    if words.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
        cursor.connection.commit()
        cursor.connection.execute("BEGIN")
