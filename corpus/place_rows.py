# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Which municipalities, regions and counties posts speak of, as rows; the index step fills them.

Only a post's own text and the home of a listed organisation say so, never a private person's profile. What is stored
says which of the two it was.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from corpus.database import Database
from language.gazetteer import gazetteer
from language.place_forms import Kind
from language.places import VERSION, named_places

_MARK = "index:places"
_TABLES = ("post_municipalities", "post_areas")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A post of which it is to be found out what places it speaks of."""

    post_id: int
    text: str
    lang: str | None
    """As identified, else as the network says."""
    account: str
    """``network:handle``, casefolded; empty where the author is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRows:
    """What a batch of posts speaks of."""

    municipalities: list[tuple[int, str, str]]
    """Post, code, basis."""
    areas: list[tuple[int, Kind, str]]
    """Post, kind, code."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """How far the reading of places has come."""

    version: int
    """Of the rules and names."""
    homes: list[tuple[str, str]]
    """Of the listed organisations: account and municipality."""
    post_id: int
    """Up to which all posts have been read."""


def fill(posts: Iterable[Unread], homes: Mapping[str, str]) -> PlaceRows:
    """Return what posts speak of.

    Args:
        posts: with text.
        homes: municipality of each listed organisation, by account.
    """
    rows = PlaceRows(municipalities=[], areas=[])
    for post in posts:
        for kind, code in sorted(named_places(post.text, post.lang)):
            if kind == "municipality":
                rows.municipalities.append((post.post_id, code, "text"))
            else:
                rows.areas.append((post.post_id, kind, code))
        home = gazetteer().today(homes[post.account]) if post.account in homes else None
        if home:
            rows.municipalities.append((post.post_id, home, "organisation"))
    return rows


def replace_rows(database: Database, connection: Connection, post_ids: Collection[int], rows: PlaceRows) -> None:
    """Put what posts speak of in the place of what was stored, in an open transaction."""
    _clear(database, connection, post_ids)
    database.run(connection, f"DELETE FROM unplaced WHERE {database.among('post_id')}", (database.keys(post_ids),))
    database.run_many(
        connection, "INSERT INTO post_municipalities (post_id, code, basis) VALUES (?, ?, ?)", rows.municipalities
    )
    database.run_many(connection, "INSERT INTO post_areas (post_id, kind, code) VALUES (?, ?, ?)", rows.areas)


def displace(database: Database, connection: Connection, post_ids: Sequence[int]) -> None:
    """Forget what edited posts spoke of, in an open transaction; the index step reads them again."""
    if post_ids:
        _clear(database, connection, post_ids)
        database.run_many(
            connection,
            "INSERT INTO unplaced (post_id) VALUES (?) ON CONFLICT (post_id) DO NOTHING",
            [(post_id,) for post_id in post_ids],
        )


def read_up_to(database: Database, connection: Connection) -> int:
    """Return the id up to which all posts have been read, in an open transaction; 0 before the first."""
    mark = _mark(database, connection)
    return mark.post_id if mark else 0


def reached(database: Database, connection: Connection, homes: Mapping[str, str]) -> Mark:
    """Return how far the reading has come, in an open transaction.

    Where the rules, the names or the organisations' homes have changed since, it begins anew.
    """
    new = Mark(version=VERSION, homes=sorted(homes.items()), post_id=0)
    old = _mark(database, connection)
    return old if old and (old.version, old.homes) == (new.version, new.homes) else new


def remember(database: Database, connection: Connection, mark: Mark, micros: int) -> None:
    """Store how far the reading has come, in an open transaction."""
    database.run(
        connection,
        "INSERT INTO facts (key, value, put_at) VALUES (?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value, put_at = excluded.put_at",
        (_MARK, msgspec.json.encode(mark).decode(), micros),
    )


def _mark(database: Database, connection: Connection) -> Mark | None:
    found = database.rows(connection, "SELECT value FROM facts WHERE key = ?", (_MARK,))
    return msgspec.json.decode(found[0][0], type=Mark) if found else None


def _clear(database: Database, connection: Connection, post_ids: Collection[int]) -> None:
    for table in _TABLES:
        database.run(connection, f"DELETE FROM {table} WHERE {database.among('post_id')}", (database.keys(post_ids),))
