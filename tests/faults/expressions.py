"""Every regular expression of the code, and strings made to stall it."""

import ast
import re
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parents[2]
ROOMS = ("programme", "language", "corpus", "collector", "classifier", "trends", "digest", "console", "runtime")
_CALLS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
_ANYWHERE = frozenset({"compile", "sub", "subn", "split", "findall", "finditer"})
_LENGTH = 20_000
_SECONDS = 0.4
"""Of processor time for one string: a linear expression needs a hundredth of it, a quadratic one several times that."""
_FILLERS = " a0.-\n<&é"
_MOST_LETTERS, _PAIRED = 20, 6


class StalledError(Exception):
    """An expression took too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """One expression, and how the code applies it."""

    pattern: re.Pattern[str] | re.Pattern[bytes]
    ways: frozenset[str]


def expressions() -> dict[str, Expression]:
    """Return every expression of the code by where it stands: those of modules, and those written in calls."""
    found: dict[str, Expression] = {}
    for room in ROOMS:
        for path in sorted((HOUSE / room).rglob("*.py")):
            name = ".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__")
            if "migrations" in name or "demo_archive" in name:
                continue
            text = path.read_text("utf-8")
            if not re.search(r"\bre\b", text):
                continue
            own = {}
            for variable, value in vars(import_module(name)).items():
                if isinstance(value, re.Pattern):
                    ways = frozenset(re.findall(rf"\b{variable}\.(\w+)\(", text)) & _CALLS
                    own[value.pattern] = value
                    found[f"{name}.{variable}"] = Expression(pattern=value, ways=ways or frozenset(_CALLS))
            for line, way, pattern in _written(ast.parse(text)):
                if pattern.pattern not in own:
                    found[f"{name}:{line}"] = Expression(pattern=pattern, ways=frozenset({way}))
    return found


def _written(tree: ast.AST) -> Iterator[tuple[int, str, re.Pattern[str] | re.Pattern[bytes]]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLS):
            continue
        if (
            isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and isinstance(node.args[0], ast.Constant)
        ):
            with suppress(re.error):
                yield node.lineno, node.func.attr, re.compile(node.args[0].value)


def hostile(pattern: re.Pattern[str] | re.Pattern[bytes]) -> Iterator[str]:
    """Yield long strings of the letters that a pattern knows, whose end never fits."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    letters = [letter for letter in dict.fromkeys(source) if letter not in "()[]{}|?*+^$\\"][:_MOST_LETTERS]
    letters += [letter for letter in _FILLERS if letter not in letters]
    units = [*letters, *("".join(pair) for pair in product(letters[:_PAIRED], repeat=2))]
    for unit in units:
        long = unit * (_LENGTH // len(unit))
        yield long
        yield long + "\0"


def stalls(expression: Expression) -> str | None:
    """Return the beginning of a string that stalls an expression as the code applies it; None where none was found."""
    pattern: Any = expression.pattern

    def stop(*_: object) -> None:
        raise StalledError

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        for text in hostile(pattern):
            signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
            try:
                subject = text if isinstance(pattern.pattern, str) else text.encode()
                for way in ("fullmatch", "match", "search"):
                    if expression.ways & {way, "compile"}:
                        getattr(pattern, way)(subject)
                if expression.ways & _ANYWHERE:
                    deque(pattern.finditer(subject), maxlen=0)
            except StalledError:
                return repr(text[:12])
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.signal(signal.SIGVTALRM, before)
    return None
