# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""The places that posts speak of: read step by step, and counted by theme."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from corpus.classified import STANDING
from corpus.database import Database
from corpus.instants import to_micros
from corpus.over_time import Among, chosen
from corpus.place_rows import Unread, fill, reached, remember, replace_rows
from corpus.place_table import AreaKind, PlaceTable, Spoken, tabulate

BATCH = 2_000
"""Posts in one transaction."""
# A text that was copied or reposted is one text: that of the group, else of the original.
_TEXT = (
    "CASE WHEN coalesce(o.cluster, p.cluster) IS NOT NULL THEN 'group:' || coalesce(o.cluster, p.cluster)"
    " ELSE p.network || ':' || coalesce(p.repost_of, p.native_id) END"
)
_POSTS = (
    "JOIN posts p ON p.post_id = m.post_id LEFT JOIN posts o ON o.network = p.network AND o.native_id = p.repost_of"
)


class Places:
    """The places of a corpus' posts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def advance(self, homes: Mapping[str, str], *, now: datetime, limit: int = BATCH) -> int:
        """Read the next posts' places and return how many posts that were; 0 when all is done.

        Rows and progress are stored together: a kill costs one batch. When the rules, the names or the organisations'
        homes have changed, all posts are read anew, and until then what was read before is shown.

        Args:
            homes: municipality of each listed organisation, by account.
            now: when it is done.
            limit: posts in this step.

        Raises:
            DatabaseUnavailableError: nothing of this step was stored.
        """
        database = self._database
        with database.writing() as connection:
            database.hold(connection, "posts come in", alone=True)
            mark = reached(database, connection, homes)
            posts = self._edited(connection, mark.post_id, limit)
            last = mark.post_id
            if not posts:
                posts = self._after(connection, mark.post_id, limit)
                last = posts[-1].post_id if posts else last
            if posts:
                replace_rows(database, connection, [post.post_id for post in posts], fill(posts, homes))
                remember(database, connection, msgspec.structs.replace(mark, post_id=last), to_micros(now))
        return len(posts)

    def waiting(self, homes: Mapping[str, str]) -> int:
        """Return how many posts' places are not read yet."""
        database = self._database
        with database.reading() as connection:
            mark = reached(database, connection, homes)
            return int(
                database.rows(
                    connection,
                    "SELECT (SELECT count(*) FROM posts WHERE post_id > ? AND text IS NOT NULL)"
                    " + (SELECT count(*) FROM unplaced WHERE post_id <= ?)",
                    (mark.post_id, mark.post_id),
                )[0][0]
            )

    def table(
        self,
        by: AreaKind,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        among: Among = Among(),  # noqa: B008 - frozen
    ) -> PlaceTable:
        """Return how many texts of each theme speak of each municipality, region or county.

        A text that was copied or reposted counts once, with the theme of the oldest of its posts in the window.

        Args:
            by: kind of area.
            since: first instant.
            until: first instant after.
            among: which posts.
        """
        spoken = self._spoken("post_municipalities", "'municipality', m.code, m.basis", since, until, among)
        if by != "municipality":
            spoken += self._spoken("post_areas", "m.kind, m.code, 'text'", since, until, among)
        return tabulate(by, sorted(spoken, key=lambda one: one.at))

    def _spoken(
        self,
        table: Literal["post_municipalities", "post_areas"],
        columns: str,
        since: datetime | None,
        until: datetime | None,
        among: Among,
    ) -> list[Spoken]:
        conditions: list[str] = ["p.gone IS NULL"]
        parameters: list[Any] = []
        if since is not None:
            conditions.append("p.created_at >= ?")
            parameters.append(to_micros(since))
        if until is not None:
            conditions.append("p.created_at < ?")
            parameters.append(to_micros(until))
        condition, more = chosen(among)
        rows = self._database.query(
            f"SELECT {columns}, {_TEXT}, {STANDING}, p.created_at"
            f" FROM {table} m {_POSTS} WHERE {' AND '.join(conditions)}{condition}",
            [*parameters, *more],
        )
        return [
            Spoken(kind=kind, code=code, basis=basis, text=text, theme=theme, at=(at, text))
            for kind, code, basis, text, theme, at in rows
        ]

    def _edited(self, connection: Connection, up_to: int, limit: int) -> list[Unread]:
        return self._unread(
            connection, "p.post_id IN (SELECT post_id FROM unplaced) AND p.post_id <= ?", (up_to,), limit
        )

    def _after(self, connection: Connection, post_id: int, limit: int) -> list[Unread]:
        return self._unread(connection, "p.post_id > ?", (post_id,), limit)

    def _unread(self, connection: Connection, condition: str, parameters: tuple[int, ...], limit: int) -> list[Unread]:
        rows = self._database.rows(
            connection,
            "SELECT p.post_id, p.text, coalesce(p.lang, p.network_lang), p.network, a.handle"
            " FROM posts p LEFT JOIN authors a ON a.author_id = p.author_id"
            f" WHERE p.text IS NOT NULL AND {condition} ORDER BY p.post_id LIMIT ?",
            (*parameters, limit),
        )
        return [
            Unread(
                post_id=post_id,
                text=text,
                lang=lang,
                account=f"{network}:{handle.removeprefix('@')}".casefold() if handle else "",
            )
            for post_id, text, lang, network, handle in rows
        ]
