# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""What was exported, when, for whom; and who must be told that posts of it were deleted or changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import msgspec

from corpus.database import Database
from corpus.held import Held, mark, unpacked
from corpus.instants import to_instant, to_micros, to_optional_instant
from corpus.post import Gone
from corpus.reading import to_json

Why = Gone | Literal["edited"]
_COLUMNS = "export_id, made_at, made_by, person, plan, projection, format, query, posts, sha256, corpus_state, told_at"


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

    def record(self, export: Export, held: Held) -> Export:
        """Remember an export with the posts that it holds, and return it with its id."""
        with self._database.writing(durable=True) as connection:
            rows = self._database.rows(
                connection,
                "INSERT INTO exports (made_at, made_by, person, plan, projection, format, query, posts, sha256,"
                " corpus_state, held) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING export_id",
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
                ),
            )
        return replace(export, export_id=rows[0][0])

    def all(self) -> list[Export]:
        """Return every export, oldest first."""
        return [_export(row) for row in self._database.query(f"SELECT {_COLUMNS} FROM exports ORDER BY export_id")]

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


def _export(row: Any) -> Export:  # noqa: ANN401 - a driver's tuple
    export_id, made_at, made_by, person, plan, projection, format_, query, posts, sha256, state, told_at = row
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
    )
