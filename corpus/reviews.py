# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Posts that wait for a person's judgement, one answer to each, and answers taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from corpus.classified import Reader
from corpus.database import Database
from corpus.instants import to_micros
from corpus.judgements import Judgements
from corpus.post import ClassifiedPost, Label

Outcome = Literal["stored", "answered", "gone", "stale"]
"""What became of an answer: stored; left aside since somebody answered before, or since the post has no text
any more, or since it was asked about too long ago to know how."""
_ALONE = "answers"


class Reviews:
    """What reviewers are asked, and what they answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = Reader(database)
        self._judgements = Judgements(database)

    def unlabelled(self, limit: int) -> list[ClassifiedPost]:
        """Return the newest posts with text that nobody has labelled, in the order in which they came in."""
        rows = self._database.query(
            "SELECT p.post_id FROM posts p WHERE p.text IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.post_id = p.post_id)"
            " ORDER BY p.created_at DESC, p.post_id DESC LIMIT ?",
            (limit,),
        )
        return sorted(self._reader.classified_of([row[0] for row in rows]), key=lambda post: post.stored.post_id)

    def posts(self, ids: Sequence[int]) -> dict[int, ClassifiedPost]:
        """Return posts by our ids; unknown ones are left out."""
        return {post.stored.post_id: post for post in self._reader.classified_of(ids)}

    def answer(self, post_id: int, label: Label) -> Outcome:
        """Store the one answer to a post; of two who give it at once, the second stores nothing.

        A label for the audit stands beside labels that were not given for it.
        """
        with self._database.writing() as connection:
            self._database.hold(connection, _ALONE, alone=True)
            if not self._database.rows(
                connection, "SELECT 1 FROM posts WHERE post_id = ? AND text IS NOT NULL", (post_id,)
            ):
                return "gone"
            rival = "SELECT 1 FROM labels WHERE post_id = ?" + (" AND audit" if label.audit else "")
            if self._database.rows(connection, rival, (post_id,)):
                return "answered"
            self._judgements.add_labels_in(connection, [(post_id, label)])
        return "stored"

    def fix(self, post_id: int, label: Label, *, labels: int, issue: str) -> Outcome:
        """Store an editor's judgement of a post that an issue shows, beside earlier ones, with an audit entry.

        ``labels`` is how many labels the post had when the editor looked at it: of two who judge at once, the second
        stores nothing.
        """
        with self._database.writing(durable=True) as connection:
            self._database.hold(connection, _ALONE, alone=True)
            if not self._database.rows(
                connection, "SELECT 1 FROM posts WHERE post_id = ? AND text IS NOT NULL", (post_id,)
            ):
                return "gone"
            if (
                self._database.rows(connection, "SELECT count(*) FROM labels WHERE post_id = ?", (post_id,))[0][0]
                != labels
            ):
                return "answered"
            self._judgements.add_labels_in(connection, [(post_id, label)])
            self._database.run(
                connection,
                "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, 'fixed a theme', ?)",
                (to_micros(label.at), label.by, f"{issue} post {post_id}"),
            )
        return "stored"

    def take_back(self, post_id: int, *, by: str, at: datetime) -> bool:
        """Remove the label that somebody gave at an instant, and return whether there was one.

        A label stays on which a digest rests that was drafted since: what was printed is explained by what is kept.
        """
        with self._database.writing() as connection:
            removed = self._database.run(
                connection,
                "DELETE FROM labels WHERE post_id = ? AND by = ? AND at = ?"
                " AND NOT EXISTS (SELECT 1 FROM issues i WHERE i.drafted_at >= labels.at)",
                (post_id, by, to_micros(at)),
            )
        return removed > 0

    def given_since(self, since: datetime) -> int:
        """Return how many labels anybody has given since an instant."""
        return int(self._database.query("SELECT count(*) FROM labels WHERE at >= ?", (to_micros(since),))[0][0])

    def given(self, by: str, *, since: datetime) -> int:
        """Return how many labels somebody has given since an instant."""
        found = self._database.query("SELECT count(*) FROM labels WHERE by = ? AND at >= ?", (by, to_micros(since)))
        return int(found[0][0])
