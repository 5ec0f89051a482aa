"""What a check found, and the remedy in the reader's words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runtime.wiring import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """A remedy that the catalogues have words for, under ``doctor``."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    cure: Cure | str = ""
    """What to do where it is not well; a text of an error stays in its own language."""


def judged(name: str, problem: str, well: str, cure: Cure | str) -> Check:
    """Return a check that failed where there is a problem; only then it has a remedy."""
    return Check(name=name, ok=not problem, detail=problem or well, cure=cure if problem else "")


Look = Callable[["Program"], Iterator[Check]]
