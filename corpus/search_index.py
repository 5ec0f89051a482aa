# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What posts are found by, kept in either database: FTS5 in SQLite, text search in PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from corpus import bulk
from corpus.database import CHUNK, Database
from corpus.vocabulary import CODE, GAP, PostCodes

_ID_BITS = 31
ID_MASK = (1 << _ID_BITS) - 1
"""Of a document's number the part that is our id of the post."""
FIRST_SECOND = 631_152_000
"""1990-01-01; what calls itself older counts as that old."""
LAST_SECOND = (1 << 32) - 1
MICROS = 1_000_000
_DELETE_WORDS = "INSERT INTO search_index (search_index, rowid, codes) VALUES ('delete', ?, ?)"


def document_id(created_at: int, post_id: int) -> int:
    """Return the number under which a post is found: newer posts have greater ones.

    Args:
        created_at: microseconds since 1970.
        post_id: ours.
    """
    return second_of(created_at) << _ID_BITS | post_id


def second_of(micros: int) -> int:
    """Return the second as document numbers count them; it never falls while time goes on."""
    return min(max(micros // MICROS - FIRST_SECOND, 0), LAST_SECOND)


def first_document(second: int) -> int:
    """Return the least number that a post of this second could have."""
    return second << _ID_BITS


def put(database: Database, connection: Connection, found_by: Mapping[int, PostCodes]) -> None:
    """Let documents be found by these codes and no others, in an open transaction."""
    remove(database, connection, found_by)
    ordered = sorted(found_by.items())  # FTS5 takes falling numbers one by one only
    if database.sqlite:
        rows = [(document, b"".join((*codes.said, GAP, *codes.beside))) for document, codes in ordered]
        bulk.insert(database, connection, "search_posts (document_id, codes)", rows)
        database.run_many(
            connection,
            "INSERT INTO search_index (rowid, codes) VALUES (?, ?)",
            [(document, _spelt(codes)) for document, codes in rows],
        )
    else:
        database.run_many(
            connection,
            "INSERT INTO search_posts (document_id, codes) VALUES (?, CAST(CAST(? AS text) AS tsvector))",
            [(document, _vector(codes)) for document, codes in ordered],
        )


def remove(database: Database, connection: Connection, documents: Iterable[int]) -> None:
    """Let documents be found no more, in an open transaction."""
    wanted = list(documents)
    for start in range(0, len(wanted), CHUNK):
        some = database.keys(wanted[start : start + CHUNK])
        among = database.among("document_id")
        if database.sqlite:
            # FTS5 keeps no text here: it must be told what it had been told. (https://sqlite.org/fts5.html)
            found = database.rows(connection, f"SELECT document_id, codes FROM search_posts WHERE {among}", (some,))
            database.run_many(connection, _DELETE_WORDS, [(document, _spelt(codes)) for document, codes in found])
        database.run(connection, f"DELETE FROM search_posts WHERE {among}", (some,))


def documents_of(database: Database, connection: Connection, post_ids: Sequence[int]) -> list[int]:
    """Return the numbers of posts by our ids."""
    rows = database.rows(
        connection,
        f"SELECT created_at, post_id FROM posts WHERE {database.among('post_id')}",
        (database.keys(post_ids),),
    )
    return [document_id(created_at, post_id) for created_at, post_id in rows]


def faults(database: Database) -> list[str]:
    """Return what is wrong with the index, in words.

    Raises:
        DatabaseUnavailableError: SQLite finds the index damaged.
    """
    if database.sqlite:
        with database.writing() as connection:
            database.run(connection, "INSERT INTO search_index (search_index) VALUES ('integrity-check')")
    orphans = database.query(
        "SELECT count(*) FROM search_posts d WHERE NOT EXISTS"
        f" (SELECT 1 FROM posts p WHERE p.post_id = (d.document_id & {ID_MASK}) AND p.text IS NOT NULL)"
    )[0][0]
    return [f"{orphans} entries of the search index without a post that has a text"] if orphans else []


def _spelt(codes: bytes) -> str:
    return codes.hex(" ", -CODE)


def _vector(codes: PostCodes) -> str:
    """Return PostgreSQL's way of writing words with their places, the first being 1; what stands beside has none."""
    places: dict[bytes, list[int]] = {}
    for place, code in enumerate(codes.said, 1):
        if code != GAP:
            places.setdefault(code, []).append(place)
    said = [f"'{code.hex()}':{','.join(map(str, at))}" for code, at in places.items()]
    return " ".join([*said, *(f"'{code.hex()}'" for code in codes.beside)])
