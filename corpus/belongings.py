# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What is kept of a post beside its row, in one place: whoever adds a table, an index or a copy names it here.

``BELONGINGS`` are the tables whose rows go when a post becomes a tombstone. ``MADE_OF_TEXT`` is what was made from a
post's text inside the database: it is taken out in the same transaction in which the text goes or is changed, and who
made it makes it again from the text that is left. What lies outside the database is told by ``Custody.forget_texts``.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from corpus.counted_weeks import forget_counted
from corpus.database import CHUNK, Database
from corpus.indexing import wait_again

BELONGINGS: Sequence[str] = (
    "revisions",
    "metrics",
    "quote_counts",
    "post_municipalities",
    "post_areas",
    "unplaced",
)
SURVIVING: Sequence[str] = ("post_municipalities", "post_areas")
"""Of these, what stays with a post whose text is only past its time: nobody took it back, and it names no person."""


def _forget_reasons(database: Database, connection: Connection, post_ids: Sequence[int]) -> None:
    """The words that the classifier gave as its reasons are the text's; that a post is off topic is a number."""
    database.run(
        connection,
        "UPDATE predictions SET reasons = CASE WHEN standing = 'none' THEN ? ELSE '[]' END"
        f" WHERE {database.among('post_id')}",
        ('[["off_topic","",0.0]]', database.keys(post_ids)),
    )


MADE_OF_TEXT: Sequence[Callable[[Database, Connection, Sequence[int]], None]] = (
    _forget_reasons,
    wait_again,
    forget_counted,
)


def forget_what_was_made(database: Database, connection: Connection, post_ids: Sequence[int]) -> None:
    """Take out what was made from the texts of posts, in an open transaction."""
    for start in range(0, len(post_ids), CHUNK):
        for forget in MADE_OF_TEXT:
            forget(database, connection, post_ids[start : start + CHUNK])
