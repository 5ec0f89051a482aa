"""What import and collection leave for later: dictionaries, discussions, marks of near-identical texts, and places."""

from datetime import timedelta
from typing import TYPE_CHECKING

from runtime.jobs.copies import mark_copies
from runtime.jobs.places import read_places

if TYPE_CHECKING:
    from runtime.wiring import Program


def index(program: "Program") -> dict[str, object]:
    """Build missing dictionaries, place posts in discussions, mark near-identical texts, read places; return counts.

    Repeating it, also after a kill, does only what is left.
    """
    began = program.clock()
    lemmatiser = program.lemmatiser
    built = 0 if lemmatiser.ready else len(lemmatiser.languages)
    lemmatiser.build()
    placed = program.corpus.discussions.update()
    span = program.corpus.posts.span()
    copies = mark_copies(program, span[0], span[1] + timedelta(microseconds=1)) if span else 0
    places = read_places(program)
    return {
        "posts": program.corpus.posts.count(),
        "dictionaries": built,
        "copies": copies,
        "placed": placed.posts,
        "places": places,
        "seconds": round((program.clock() - began).total_seconds(), 3),
    }


def lines(done: dict[str, object]) -> list[str]:
    """Return the counts for people."""
    return [
        f"{done['posts']} posts: {done['copies']} groups of near-identical texts, {done['placed']} posts placed"
        f" in discussions, {done['places']} posts read for places,"
        f" {done['dictionaries']} dictionaries built, in {done['seconds']} s"
    ]
