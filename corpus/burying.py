# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Making a tombstone of a post: its text leaves every table, and what remains are ids and time."""

from collections.abc import Mapping, Sequence
from typing import Literal

from sqlalchemy import Connection

from corpus.changes import Bury, buried, marked
from corpus.database import Database
from corpus.instants import to_micros
from corpus.reading import POST_WIDTH, RowTuple, to_seen
from corpus.references import References

_TOMBSTONE = (
    "UPDATE posts SET text = NULL, author_id = NULL, url = NULL, lang = NULL, network_lang = NULL, edited_at = NULL,"
    " hashtags = NULL, links = NULL, replies = NULL, reposts = NULL, likes = NULL, views = NULL, counts_at = NULL,"
    " cut_from = NULL, cluster = NULL, payload_id = NULL, payload_line = NULL, gone = ?, gone_at = ?, fingerprint = ?"
    " WHERE post_id = ?"
)
_BELONGINGS: Sequence[Literal["revisions", "metrics", "quote_counts", "post_municipalities"]] = (
    "revisions",
    "metrics",
    "quote_counts",
    "post_municipalities",
)


def bury(database: Database, connection: Connection, rows: Sequence[RowTuple], burials: Mapping[int, Bury]) -> None:
    """Make tombstones of posts, in an open transaction.

    Themes given by people and by the classifier stay, so that a printed number can still be explained; the words that
    the classifier gave as its reasons go.

    Args:
        database: whose transaction it is.
        connection: the transaction.
        rows: of ``SEEN_COLUMNS``.
        burials: by our id.
    """
    references = References(database, connection)
    posts = {row[0]: to_seen(row).post for row in rows}
    ids = database.keys(posts)
    old_places = database.rows(
        connection, f"SELECT payload_id, payload_line FROM revisions WHERE {database.among('post_id')}", (ids,)
    )
    references.blank([*old_places, *(row[POST_WIDTH + 2 : POST_WIDTH + 4] for row in rows)])
    references.unindex(posts)
    for table in _BELONGINGS:
        database.run(connection, f"DELETE FROM {table} WHERE {database.among('post_id')}", (ids,))
    database.run(
        connection,
        "UPDATE predictions SET reasons = CASE WHEN standing = 'none' THEN ? ELSE '[]' END"
        f" WHERE {database.among('post_id')}",
        ('[["off_topic","",0.0]]', ids),
    )
    database.run_many(
        connection,
        _TOMBSTONE,
        [
            (change.gone, to_micros(change.at), marked(buried(posts[post_id], change.gone))[1], post_id)
            for post_id, change in burials.items()
        ],
    )
    authors = database.keys({row[POST_WIDTH + 4] for row in rows if row[POST_WIDTH + 4] is not None})
    database.run(
        connection,
        f"DELETE FROM authors WHERE {database.among('author_id')}"
        " AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.author_id = authors.author_id)",
        (authors,),
    )
    hashtags = database.keys({hashtag for post in posts.values() for hashtag in post.hashtags})
    database.run(
        connection,
        f"DELETE FROM hashtags WHERE {database.among('hashtag')}"
        " AND NOT EXISTS (SELECT 1 FROM post_hashtags t WHERE t.hashtag_id = hashtags.hashtag_id)",
        (hashtags,),
    )
