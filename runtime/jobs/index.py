"""What import and collection leave for later: the dictionaries, and the marks of near-identical texts."""

from datetime import timedelta
from typing import TYPE_CHECKING

from runtime.jobs.copies import mark_copies

if TYPE_CHECKING:
    from runtime.wiring import Program


def index(program: "Program") -> dict[str, object]:
    """Build the dictionaries that are missing, mark the corpus' near-identical texts, and return counts.

    Repeating it, also after a kill, does only what is left.
    """
    began = program.clock()
    lemmatiser = program.lemmatiser
    built = 0 if lemmatiser.ready else len(lemmatiser.languages)
    lemmatiser.build()
    statistics = program.corpus.posts.statistics()
    first, last = statistics.first_at, statistics.last_at
    copies = mark_copies(program, first, last + timedelta(microseconds=1)) if first and last else 0
    return {
        "posts": statistics.posts,
        "dictionaries": built,
        "copies": copies,
        "seconds": round((program.clock() - began).total_seconds(), 3),
    }


def lines(done: dict[str, object]) -> list[str]:
    """Return the counts for people."""
    return [
        f"{done['posts']} posts: {done['copies']} groups of near-identical texts,"
        f" {done['dictionaries']} dictionaries built, in {done['seconds']} s"
    ]
