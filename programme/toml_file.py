"""TOML files read with an eye on what people's editors do to them."""

import re
import tomllib
from pathlib import Path

from programme.faults import Fault

Document = dict[str, object]
_PLACE = re.compile(r"^(?P<what>.*?) \(at (?P<where>line \d+, column \d+|end of document)\)$", re.DOTALL)


def read_toml(path: Path, name: str) -> tuple[Document | None, list[Fault]]:
    """Return a file's content, or None and the fault that keeps it from being read.

    ``name`` is what the fault calls the file. A byte order mark is forgiven.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it did not open").lower()
        return None, [_fault(name, f"it cannot be read: {reason}", "check that it is a file that you may read")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, [_fault(name, f"line {line} is not UTF-8 text", "save the file in the encoding UTF-8")]
    try:
        return tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        return None, [_broken(name, str(error))]
    except RecursionError:
        return None, [_fault(name, "its tables and lists lie too deep in each other", "write them one beside another")]


def _broken(name: str, message: str) -> Fault:
    found = _PLACE.match(message)
    what, where = (found["what"], found["where"]) if found else (message, "an unknown place")
    what = what[:1].lower() + what[1:]
    place = "its end" if where == "end of document" else where
    return _fault(name, f"it is not valid TOML at {place}: {what}", "correct that place; text stands in quotes")


def _fault(name: str, problem: str, remedy: str) -> Fault:
    return Fault(file=name, key="", problem=problem, remedy=remedy)
