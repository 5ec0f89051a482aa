"""What import and collection leave for later, part by part; each part goes on where it was, also after a kill."""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.jobs.copies import mark_new_copies
from runtime.jobs.places import read_places

if TYPE_CHECKING:
    from runtime.wiring import Program

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""
Show = Callable[[str], AbstractContextManager[Callable[[int, int | None], None]]]
"""Opens a progress bar under a title."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is derived from the posts."""

    name: str
    """Of its count."""
    title: str
    """Of its progress bar."""
    fill: Callable[["Program", Progress], int]
    """Does what is left and returns how much that was."""


def _dictionaries(program: "Program", progress: Progress) -> int:
    lemmatiser = program.lemmatiser
    if lemmatiser.ready:
        return 0
    lemmatiser.build(progress)
    return len(lemmatiser.languages)


def _search(program: "Program", progress: Progress) -> int:
    from corpus.search_part import SearchPart

    return program.corpus.fill(SearchPart(program.vocabulary), progress)


def _discussions(program: "Program", progress: Progress) -> int:
    del progress
    return program.corpus.discussions.update().posts


def _weeks(program: "Program", progress: Progress) -> int:
    del progress
    return program.corpus.weeks.keep(program.configuration.programme.zone)


PARTS = (
    Part("dictionaries", "dictionaries built", _dictionaries),
    Part("placed", "posts placed in discussions", _discussions),
    Part("copies", "spans looked through for copies", mark_new_copies),
    Part("places", "posts read for places", read_places),
    Part("searchable", "posts made searchable", _search),
    Part("weeks", "weeks of the calendar written", _weeks),
)
"""In this order. A part that reads each post for itself is a ``corpus.indexing.IndexPart`` given to ``Corpus.fill``."""


def index(program: "Program", show: Show) -> dict[str, object]:
    """Do what is left of each part and return counts.

    Repeating it, also after a kill, does only what is left.
    """
    began = program.clock()
    counts: dict[str, object] = {"posts": program.corpus.posts.count()}
    with undisturbed():
        for part in PARTS:
            with show(part.title) as tell:
                counts[part.name] = part.fill(program, tell)
    return counts | {"seconds": round((program.clock() - began).total_seconds(), 3)}


def make_ready(program: "Program", show: Show, *names: str) -> None:
    """Do what is left of some parts, by the names of their counts: what a command needs before it can answer."""
    with undisturbed():
        for part in PARTS:
            if part.name in names:
                with show(part.title) as tell:
                    part.fill(program, tell)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Look for no cycles of objects meanwhile: posts and words make none, and looking took a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def lines(done: Mapping[str, object]) -> list[str]:
    """Return the counts for people."""
    return [
        f"{done['posts']} posts: {done['searchable']} made searchable, {done['copies']} groups of near-identical texts,"
        f" {done['placed']} posts placed in discussions, {done['places']} read for places,"
        f" {done['dictionaries']} dictionaries built, in {done['seconds']} s"
    ]
