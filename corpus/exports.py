# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What was exported, when, for whom; and who must be told that posts of it were deleted or changed since."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from corpus.classified import Selection
from corpus.database import Database
from corpus.held import Held, mark, unpacked
from corpus.instants import to_instant, to_micros, to_optional_instant
from corpus.post import Gone
from corpus.reading import to_json
from programme.errors import MisuseError

Why = Gone | Literal["edited"]
_COLUMNS = (
    "export_id, made_at, made_by, person, plan, projection, format, query, posts, sha256, corpus_state, told_at,"
    " networks"
)


class LimitReachedError(MisuseError):
    """A person would be handed more posts of a network on one day than its terms allow; nothing was handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One export."""

    export_id: int = 0
    """Ours; 0 before it is recorded."""
    made_at: datetime
    made_by: str
    """Who gave the command."""
    person: str
    """To whom it was handed; empty for the controller's own copy."""
    plan: str
    """The research plan; empty without one."""
    projection: str
    format: str
    query: Mapping[str, str]
    """The filters that were given."""
    posts: int
    sha256: str
    """Over the file's content."""
    corpus_state: Mapping[str, Any]
    """``posts``, ``gone`` and ``model``: what the corpus held when it was made."""
    told_at: datetime | None = None
    """When whoever has it was last told what to remove."""
    networks: Mapping[str, int] = field(default_factory=dict)
    """Posts with their text by network; empty for ids, for counts, and for exports made before this was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Available:
    """What of an export is still as it was."""

    export: Export
    posts: int
    """Posts that it held with their text, or whose ids it held; 0 for counts."""
    still: int
    """Those of them that are there as they were; who was told of an edit counts as having the new text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A post that an export holds and may not hold any more, or not like that."""

    network: str
    native_id: str
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What must be removed from one export."""

    export: Export
    posts: tuple[Recalled, ...]


class Exports:
    """The exports of a corpus."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, export: Export, held: Held, limits: Mapping[str, int] | None = None) -> Export:
        """Remember an export with the posts that it holds, and return it with its id.

        Args:
            export: what was made.
            held: its posts.
            limits: posts a person may be handed on one day (UTC), by network.

        Raises:
            LimitReachedError: with those of the same day there would be more; nothing is remembered.
        """
        with self._database.writing(durable=True) as connection:
            for network, limit in (limits or {}).items():
                self._check(connection, export, network, limit)
            rows = self._database.rows(
                connection,
                "INSERT INTO exports (made_at, made_by, person, plan, projection, format, query, posts, sha256,"
                " corpus_state, held, networks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING export_id",
                (
                    to_micros(export.made_at),
                    export.made_by,
                    export.person,
                    export.plan,
                    export.projection,
                    export.format,
                    to_json(dict(export.query)),
                    export.posts,
                    export.sha256,
                    to_json(dict(export.corpus_state)),
                    held.packed(),
                    to_json(dict(export.networks)),
                ),
            )
        return replace(export, export_id=rows[0][0])

    def all(self) -> list[Export]:
        """Return every export, oldest first."""
        return [_export(row) for row in self._database.query(f"SELECT {_COLUMNS} FROM exports ORDER BY export_id")]

    def handed(self, person: str, network: str, at: datetime) -> int:
        """Return how many posts of a network a person was handed on the day (UTC) of an instant."""
        with self._database.reading() as connection:
            return self._handed(connection, person, network, at)

    def _handed(self, connection: Connection, person: str, network: str, at: datetime) -> int:
        midnight = datetime.combine(at.astimezone(UTC).date(), time(), UTC)
        rows = self._database.rows(
            connection,
            "SELECT person, networks FROM exports WHERE person <> '' AND made_at >= ? AND made_at < ?",
            (to_micros(midnight), to_micros(midnight + timedelta(days=1))),
        )
        whose = same_person(person)
        return sum(
            msgspec.json.decode(networks, type=dict[str, int]).get(network, 0)
            for name, networks in rows
            if same_person(name) == whose
        )

    def _check(self, connection: Connection, export: Export, network: str, limit: int) -> None:
        asked = export.networks.get(network, 0)
        if not (export.person and asked):
            return
        # Two hand-overs at once are counted one after the other.
        self._database.hold(connection, "hand-over", alone=True)
        refuse_beyond(self._handed(connection, export.person, network, export.made_at), asked, network, limit)

    def counted(self, selection: Selection) -> Mapping[str, tuple[int, int]]:
        """Return by network how many posts a selection has, and how many of them have a text."""
        conditions, parameters = selection.conditions()
        rows = self._database.query(
            "SELECT p.network, count(*), sum(CASE WHEN p.gone IS NULL THEN 1 ELSE 0 END) FROM posts p"
            f" WHERE {' AND '.join(conditions) or '1 = 1'} GROUP BY p.network ORDER BY p.network",
            parameters,
        )
        return {network: (int(posts), int(texts)) for network, posts, texts in rows}

    def available(self) -> list[Available]:
        """Return of each export how much of it is still as it was, oldest first."""
        exports = self.all()
        changed = {row[0]: row[1:] for row in self._changed()} if exports else {}
        found = []
        for export in exports:
            held = len(self._held(export.export_id))
            still = held - len(self._recall(export, changed).posts)
            found.append(Available(export=export, posts=max(held, _first(export)), still=still))
        return found

    def recalls(self) -> list[Recall]:
        """Return what must be removed from each export of which something must, oldest first.

        A post counts whose text is gone, or is another one than was exported; a list of ids is not touched by an edit.
        """
        if not self.all():
            return []
        changed = {row[0]: row[1:] for row in self._changed()}
        return [recall for export in self.all() if (recall := self._recall(export, changed)).posts]

    def of_author(self, author_id: int) -> list[Recall]:
        """Return which exports hold posts of an author, by our id, oldest first; asked before the author is erased.

        Afterwards nobody can tell any more by what names the receivers know these posts.
        """
        rows = self._database.query(
            "SELECT post_id, network, native_id FROM posts WHERE author_id = ? ORDER BY post_id", (author_id,)
        )
        posts = {
            post_id: Recalled(network=network, native_id=native_id, why="erased")
            for post_id, network, native_id in rows
        }
        recalls = []
        for export in self.all() if posts else ():
            held = self._held(export.export_id)
            if found := tuple(one for post_id, one in posts.items() if post_id in held):
                recalls.append(Recall(export=export, posts=found))
        return recalls

    def told(self, export_id: int, *, now: datetime) -> Recall | None:
        """Note that whoever has an export was told what to remove, and return that; None where there is no such export.

        What they were told of is not recalled again; an edited post is, once it changes again.
        """
        export = next((one for one in self.all() if one.export_id == export_id), None)
        if export is None:
            return None
        changed = {row[0]: row[1:] for row in self._changed()}
        recall = self._recall(export, changed)
        left = Held()
        for post_id, was in self._held(export_id).items():
            _, _, text, gone = changed.get(post_id, (None, None, None, None))
            if post_id not in changed:
                left.keep(post_id, was)
            elif gone is None:
                left.add(post_id, text)
        with self._database.writing(durable=True) as connection:
            self._database.run(
                connection,
                "UPDATE exports SET told_at = ?, held = ? WHERE export_id = ?",
                (to_micros(now), left.packed(), export_id),
            )
        return recall

    def _changed(self) -> list[Any]:
        """Return all posts that have no text any more, or another one than once."""
        return self._database.query(
            "SELECT post_id, network, native_id, text, gone FROM posts"
            " WHERE gone IS NOT NULL OR post_id IN (SELECT post_id FROM revisions)"
        )

    def _held(self, export_id: int) -> dict[int, bytes]:
        return unpacked(self._database.query("SELECT held FROM exports WHERE export_id = ?", (export_id,))[0][0])

    def _recall(self, export: Export, changed: Mapping[int, Any]) -> Recall:
        held = self._held(export.export_id)
        found = []
        for post_id in sorted(held.keys() & changed.keys()):
            network, native_id, text, gone = changed[post_id]
            if gone is not None:
                found.append(Recalled(network=network, native_id=native_id, why=gone))
            elif export.format != "ids" and held[post_id] != mark(text):
                found.append(Recalled(network=network, native_id=native_id, why="edited"))
        return Recall(export=export, posts=tuple(found))


def _first(export: Export) -> int:
    """Return how many posts an export held when it was made, as far as that was kept: telling takes posts out."""
    return export.posts if export.format == "ids" else sum(export.networks.values())


def _export(row: Any) -> Export:  # noqa: ANN401 - a driver's tuple
    export_id, made_at, made_by, person, plan, projection, format_, query, posts, sha256, state, told_at, networks = row
    return Export(
        export_id=export_id,
        made_at=to_instant(made_at),
        made_by=made_by,
        person=person,
        plan=plan,
        projection=projection,
        format=format_,
        query=msgspec.json.decode(query, type=dict[str, str]),
        posts=posts,
        sha256=sha256,
        corpus_state=msgspec.json.decode(state, type=dict[str, Any]),
        told_at=to_optional_instant(told_at),
        networks=msgspec.json.decode(networks, type=dict[str, int]),
    )


def same_person(name: str) -> str:
    """Return a name without the differences of writing that do not make another person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def refuse_beyond(handed: int, asked: int, network: str, limit: int) -> None:
    """Raise where a person would get more posts of a network than a day allows.

    Raises:
        LimitReachedError: so it is.
    """
    if handed + asked > limit:
        shown = {"x": "X"}.get(network, network)
        raise LimitReachedError(
            f"{shown}'s terms allow handing over at most {limit} posts with their content to one person a day"
            f" (UTC); this person got {handed} today, and this export holds {asked} or more.",
            "Choose fewer posts, wait for tomorrow, or hand over ids with --format ids, which have no limit.",
        )
