"""What people answered to the links of their mails: an editor's theme, a reader's proposal; each link answers once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from corpus.database import Database
from corpus.instants import to_instant, to_micros
from corpus.judgements import Judgements
from corpus.post import Label

AnswerKind = Literal["theme", "proposal"]
Answered = Literal["stored", "used", "gone", "labelled"]
"""Stored; or left aside, since the link was used before, the post has no text any more, or a person labelled it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAnswer:
    """One answer to one link."""

    issue: str
    place: int
    """Of the post among those that the issue shows."""
    who: str
    """Name of the recipient that is no address."""
    post_id: int
    kind: AnswerKind
    theme: str
    """A slug, or ``none``."""
    at: datetime


class MailAnswers:
    """The answers to the links of mails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._judgements = Judgements(database)

    def given(self, issue: str, place: int, who: str) -> MailAnswer | None:
        """Return what was answered to a link; None: it was not used."""
        found = self._database.query(
            "SELECT issue, place, who, post_id, kind, theme, at FROM mail_answers"
            " WHERE issue = ? AND place = ? AND who = ?",
            (issue, place, who),
        )
        return next((_answer(row) for row in found), None)

    def store(self, answer: MailAnswer, label: Label | None) -> Answered:
        """Store an answer, and with it an editor's label; without one it is a proposal, for a post without labels.

        Whether the link was used and storing what it brings are one transaction: of two answers at once one is stored.
        """
        with self._database.writing(durable=True) as connection:
            self._database.hold(connection, "answers", alone=True)
            if not self._database.rows(
                connection, "SELECT 1 FROM posts WHERE post_id = ? AND text IS NOT NULL", (answer.post_id,)
            ):
                return "gone"
            if label is None and self._database.rows(
                connection, "SELECT 1 FROM labels WHERE post_id = ? LIMIT 1", (answer.post_id,)
            ):
                return "labelled"
            stored = self._database.run(
                connection,
                "INSERT INTO mail_answers (issue, place, who, post_id, kind, theme, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (issue, place, who) DO NOTHING",
                (
                    answer.issue,
                    answer.place,
                    answer.who,
                    answer.post_id,
                    answer.kind,
                    answer.theme,
                    to_micros(answer.at),
                ),
            )
            if not stored:
                return "used"
            if label is not None:
                self._judgements.add_labels_in(connection, [(answer.post_id, label)])
            self._database.run(
                connection,
                "INSERT INTO audits (at, who, what, subject) VALUES (?, ?, ?, ?)",
                (to_micros(answer.at), answer.who, f"{answer.kind} by mail", f"{answer.issue} {answer.post_id}"),
            )
        return "stored"

    def proposed(self, limit: int) -> list[MailAnswer]:
        """Return the proposals on posts that nobody has labelled and that still have a text, oldest first."""
        found = self._database.query(
            "SELECT a.issue, a.place, a.who, a.post_id, a.kind, a.theme, a.at FROM mail_answers a"
            " JOIN posts p ON p.post_id = a.post_id WHERE a.kind = 'proposal' AND p.text IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.post_id = a.post_id) ORDER BY a.at, a.post_id LIMIT ?",
            (limit,),
        )
        return [_answer(row) for row in found]


def _answer(row: Sequence[object]) -> MailAnswer:
    issue, place, who, post_id, kind, theme, at = row
    return MailAnswer(
        issue=str(issue),
        place=int(str(place)),
        who=str(who),
        post_id=int(str(post_id)),
        kind="theme" if kind == "theme" else "proposal",
        theme=str(theme),
        at=to_instant(int(str(at))),
    )
