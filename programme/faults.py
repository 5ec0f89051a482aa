"""Faults of the configuration, each with its place and its remedy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from programme.errors import MisuseError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with the configuration, and what to do about it."""

    file: str
    """Relative to the configuration directory."""
    key: str
    """Dotted, tables of a list counted from one: ``theme[2].name.fi``; empty where the whole file is meant."""
    problem: str
    """A clause without full stop; holds no secret and no recipient's address."""
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place}: {self.problem}, {self.remedy}"


class ConfigurationError(MisuseError):
    """The configuration has faults; the message lists every one of them, one a line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class Wrong(ValueError):  # noqa: N818 - it is raised where a value is judged and always becomes a Fault
    """A value that cannot mean anything, with what to write instead."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def either(choices: Iterable[str]) -> str:
    """Return words as an English choice: ``a, b or c``."""
    words = list(choices)
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def did_you_mean(word: str, choices: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the choice that a mistyped word most probably meant, or None where none is as near as the cutoff."""
    by_folded = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(word.casefold(), by_folded, n=1, cutoff=cutoff)
    return by_folded[near[0]] if near else None


def correction(word: str, choices: Iterable[str]) -> str:
    """Return the remedy for a word that is none of the choices."""
    known = list(choices)
    near = did_you_mean(word, known)
    return f"did you mean {near}?" if near else f"write {either(known)}"


def dotted(place: tuple[str | int, ...]) -> str:
    """Return a place as people write it: ``theme[2].name.fi``, counted from one."""
    key = ""
    for step in place:
        if isinstance(step, int):
            key += f"[{step + 1}]"
        elif step != "[key]":
            key += f".{step}" if key else step
    return key
