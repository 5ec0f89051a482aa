# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Making a tombstone of a post: its text leaves every table, and what remains are ids and time."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from corpus.belongings import BELONGINGS, SURVIVING, forget_what_was_made
from corpus.changes import Bury, buried, marked
from corpus.custody import Custody, Erasure
from corpus.database import Database
from corpus.instants import to_micros
from corpus.post import Post
from corpus.reading import POST_WIDTH, RowTuple, to_seen
from corpus.references import References

_PERSONAL = (
    "text = NULL, author_id = NULL, url = NULL, network_lang = NULL, edited_at = NULL, hashtags = NULL, links = NULL,"
    " cut_from = NULL, cluster = NULL, payload_id = NULL, payload_line = NULL"
)
_FIGURES = "lang = NULL, replies = NULL, reposts = NULL, likes = NULL, views = NULL, counts_at = NULL"
_NOTED = "gone = ?, gone_at = ?, fingerprint = ? WHERE post_id = ?"
_TOMBSTONE = f"UPDATE posts SET {_PERSONAL}, {_FIGURES}, {_NOTED}"
_EXPIRED = f"UPDATE posts SET {_PERSONAL}, {_NOTED}"
"""Nobody took the post back: its figures stay, so that sums over the years do."""


def bury(
    database: Database,
    connection: Connection,
    rows: Sequence[RowTuple],
    burials: Mapping[int, Bury],
    custody: Custody,
) -> None:
    """Make tombstones of posts, in an open transaction.

    Themes given by people and by the classifier stay, so that a printed number can still be explained; the words that
    the classifier gave as its reasons go.

    Args:
        database: whose transaction it is.
        connection: the transaction.
        rows: of ``SEEN_COLUMNS``.
        burials: by our id.
        custody: is told what goes, before it is gone.
    """
    references = References(database, connection)
    posts = {row[0]: to_seen(row).post for row in rows}
    ids = database.keys(posts)
    old = database.rows(
        connection, f"SELECT payload_id, payload_line, text FROM revisions WHERE {database.among('post_id')}", (ids,)
    )
    _hand_over(custody, posts, burials, [row[2] for row in old])
    references.blank([*(row[:2] for row in old), *(row[POST_WIDTH + 2 : POST_WIDTH + 4] for row in rows)])
    references.unindex(posts)
    expired = [post_id for post_id, change in burials.items() if change.gone == "expired"]
    others = [post_id for post_id in posts if post_id not in set(expired)]
    for table in BELONGINGS:
        of = others if table in SURVIVING else posts
        database.run(connection, f"DELETE FROM {table} WHERE {database.among('post_id')}", (database.keys(of),))
    forget_what_was_made(database, connection, list(posts))
    for statement, of in ((_TOMBSTONE, others), (_EXPIRED, expired)):
        database.run_many(
            connection,
            statement,
            [
                (change.gone, to_micros(change.at), marked(buried(posts[post_id], change.gone))[1], post_id)
                for post_id in of
                for change in (burials[post_id],)
            ],
        )
    _forget_what_is_left_alone(database, connection, rows, posts)


def _hand_over(
    custody: Custody, posts: Mapping[int, Post], burials: Mapping[int, Bury], earlier: Sequence[str | None]
) -> None:
    """Tell whoever keeps something outside the database, and the ledger that a restored backup is corrected by."""
    custody.forget_texts([text for text in (*(post.text for post in posts.values()), *earlier) if text])
    lasting = [change for change in burials.values() if change.gone != "expired"]
    if not lasting or custody.ledger is None:
        return
    key = custody.keys.writing()
    custody.record(
        Erasure(
            kind="post",
            network=change.network,
            mark=key.mark(change.network, change.native_id),
            key_id=key.key_id,
            why=change.gone,
            at=change.at,
        )
        for change in lasting
    )


def _forget_what_is_left_alone(
    database: Database, connection: Connection, rows: Sequence[RowTuple], posts: Mapping[int, Post]
) -> None:
    """Take out authors and hashtags that no other post has."""
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
