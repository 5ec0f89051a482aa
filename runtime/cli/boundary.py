"""The last boundary: what nobody foresaw is told in one line, without the values that a stack would show.

A driver's complaint quotes the row that it refused, and a missing key is quoted itself: posts, names and addresses
would stand in terminals and in the journals of servers.
"""

import sys
import threading
import traceback
from types import TracebackType

from programme.errors import KuntakaikuError
from runtime.cli.speak import tell_fault

_ISSUES = "Nothing that was half done is kept. Run `kuntakaiku doctor`; if it happens again, report this line."


def install(*, as_json: bool) -> None:
    """Let uncaught exceptions of all threads be told so; the process exits 1, as Python has it."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        del kind
        tell_fault(unforeseen(error, trace), as_json=as_json)

    def tell_of_thread(found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None:
            tell_fault(unforeseen(found.exc_value, found.exc_traceback), as_json=False)

    sys.excepthook = tell
    threading.excepthook = tell_of_thread


def unforeseen(error: BaseException, trace: TracebackType | None) -> KuntakaikuError:
    """Return a fault that names the exception's type and the places that it passed, the innermost first."""
    return KuntakaikuError(f"An unforeseen fault, {type(error).__name__} in {_places(trace)}.", _ISSUES)


def machine_fault(error: OSError) -> KuntakaikuError:
    """Return what the machine refused: the file and why; never the message, in which a library may quote anything."""
    what = f"{error.filename}: " if isinstance(error.filename, str) else ""
    reason = (error.strerror if isinstance(error.strerror, str) else None) or type(error).__name__
    return KuntakaikuError(
        f"{what}{reason[:1].lower()}{reason[1:]}.", "Check that the place exists, has room, and may be written to."
    )


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    return " < ".join(f"{_module(frame.filename)}:{frame.lineno}" for frame in reversed(frames[-4:])) or "no frame"


def _module(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-2:])
