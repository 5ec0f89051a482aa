# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""A question with its filters, as either database understands it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpus.classified import SHOWN_STANDING
from corpus.database import Database
from corpus.found_in import Alternatives, alternatives
from corpus.instants import to_micros
from corpus.question import Question
from corpus.search_index import FIRST_SECOND, ID_MASK, LAST_SECOND, MICROS, first_document, second_of
from corpus.vocabulary import Vocabulary
from language.text import clean

END = (1 << 63) - 1
"""More than any document's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much work a search may be; the same on both databases, so that their answers are."""

    counted: int = 10_000
    """Hits that are counted one by one; of more it is only told that there are more."""
    examined: int = 4_000
    """Posts that are held against filters for the count alone: a common word with a rare theme would be held to all."""
    ranked: int = 200
    """Newest hits that are put in order of relevance."""
    first_chunk: int = 1_000
    """Posts that are held against filters at once for a page; each further chunk has four times as many."""
    last_chunk: int = 64_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Among which posts to look; all by default."""

    theme: str | None = None
    """A slug, or ``none``, ``unsure``, ``unclassified``; as ``ClassifiedPost.standing`` has it."""
    language: str | None = None
    """As identified, else as the network says; the words of the question are read in it too."""
    source: str | None = None
    """Name of the source that brought it first, or ``import``."""
    network: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """Posts created before."""
    municipality: str | None = None
    """Three digits."""
    discussion: str | None = None
    """As the network calls it."""
    via: str | None = None
    is_labelled: bool | None = None
    """Whether a person has judged it."""


class Query:
    """One question with its filters."""

    def __init__(
        self, database: Database, question: Question, *, vocabulary: Vocabulary, filters: Filters, bounds: Bounds
    ) -> None:
        self.question = question
        self.vocabulary = vocabulary
        self.filters = filters
        self.bounds = bounds
        self._database = database
        each, none = (
            [[alternatives(one, vocabulary, filters.language) for one in group] for group in groups]
            for groups in (question.each, question.none)
        )
        self._expression = fts5(each, none) if database.sqlite else tsquery(each, none)
        self._first, self._before = _documents_between(filters)
        conditions = conditions_of(filters)
        self._condition = " AND ".join(condition for condition, _ in conditions)
        self._values = [value for _, values in conditions for value in values]

    def count(self) -> tuple[int, bool]:
        """Return how many posts answer, and whether that is all of them."""
        if not self._condition:
            most = self.bounds.counted
            candidates, values = self._candidates(self._before, most + 1)
            found = int(self._database.query(f"SELECT count(*) FROM ({candidates}) d", values)[0][0])
            return min(found, most), found <= most
        candidates, values = self._candidates(self._before, self.bounds.examined + 1)
        examined, found = self._database.query(
            f"SELECT count(*), coalesce(sum(CASE WHEN {self._condition} THEN 1 ELSE 0 END), 0)"
            f" FROM ({candidates}) d JOIN posts p ON p.post_id = (d.document_id & {ID_MASK})",
            (*self._values, *values),
        )[0]
        return int(found), examined <= self.bounds.examined

    def newest(self, limit: int, before: int = END) -> list[int]:
        """Return the newest documents that answer, with numbers less than ``before``."""
        before = min(before, self._before)
        if not self._condition:
            candidates, values = self._candidates(before, limit)
            return [row[0] for row in self._database.query(candidates, values)]
        found: list[int] = []
        size = self.bounds.first_chunk
        while len(found) < limit:
            candidates, values = self._candidates(before, size)
            least, examined = self._database.query(f"SELECT min(document_id), count(*) FROM ({candidates}) d", values)[
                0
            ]
            rows = self._database.query(
                f"SELECT d.document_id FROM ({candidates}) d JOIN posts p ON p.post_id = (d.document_id & {ID_MASK})"
                f" WHERE {self._condition} ORDER BY d.document_id DESC LIMIT ?",
                (*values, *self._values, limit - len(found)),
            )
            found += [row[0] for row in rows]
            if examined < size:
                break
            before, size = least, min(4 * size, self.bounds.last_chunk)
        return found

    def _candidates(self, before: int, limit: int) -> tuple[str, list[Any]]:
        """Return a query for the newest documents that answer, filters apart, and its parameters."""
        if self._database.sqlite:
            statement = (
                "SELECT rowid AS document_id FROM search_index WHERE search_index MATCH ?"
                " AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
            )
        else:
            statement = (
                "SELECT document_id FROM search_posts WHERE codes @@ CAST(? AS tsquery)"
                " AND document_id >= ? AND document_id < ? ORDER BY document_id DESC LIMIT ?"
            )
        return statement, [self._expression, self._first, before, limit]


Groups = Sequence[Sequence[Alternatives]]


def fts5(each: Groups, none: Groups) -> str:
    """Return the expression of SQLite.

    See https://sqlite.org/fts5.html#full_text_query_syntax
    """

    def one(looks: Alternatives) -> str:
        if looks.is_phrase:
            return '"' + " ".join(step[0].hex() for step in looks.steps) + '"'
        return _group(" OR ", [f'"{code.hex()}"' for code in looks.steps[0]])

    wanted = _group(" AND ", [_group(" OR ", map(one, group)) for group in each])
    unwanted = _group(" OR ", [_group(" AND ", map(one, group)) for group in none])
    return f"{wanted} NOT {unwanted}" if none else wanted


def tsquery(each: Groups, none: Groups) -> str:
    """Return the expression of PostgreSQL.

    See https://www.postgresql.org/docs/current/datatype-textsearch.html
    """

    def one(looks: Alternatives) -> str:
        if looks.is_phrase:
            return _group(" <-> ", [f"'{step[0].hex()}'" for step in looks.steps])
        return _group(" | ", [f"'{code.hex()}'" for code in looks.steps[0]])

    wanted = [_group(" | ", map(one, group)) for group in each]
    unwanted = ["!" + _group(" & ", map(one, group)) for group in none]
    return _group(" & ", [*wanted, *unwanted])


def _group(joint: str, parts: Iterable[str]) -> str:
    return f"({joint.join(parts)})"


def _documents_between(filters: Filters) -> tuple[int, int]:
    """Return the least number of a document within the period, and the least after it; perhaps a second too many."""
    first = 0 if filters.since is None else first_document(second_of(to_micros(filters.since)))
    if filters.until is None:
        return first, END
    micros = to_micros(filters.until)
    return first, min(first_document(second_of(micros) + (0 if _is_exact(micros) else 1)), END)


def _is_exact(micros: int) -> bool:
    """Return whether a document's number tells on which side of this instant its post was made."""
    return micros % MICROS == 0 and FIRST_SECOND < micros // MICROS < FIRST_SECOND + LAST_SECOND


def conditions_of(filters: Filters) -> list[tuple[str, tuple[Any, ...]]]:
    """Return what is left to ask of ``posts p``, with its parameters."""
    wanted: list[tuple[str, tuple[Any, ...]]] = []
    for sign, at in ((">=", filters.since), ("<", filters.until)):
        if at is not None and not _is_exact(to_micros(at)):
            wanted.append((f"p.created_at {sign} ?", (to_micros(at),)))
    for condition, value in (
        ("p.network = ?", filters.network),
        ("p.source = ?", filters.source),
        ("p.via = ?", filters.via),
        ("p.discussion = ?", filters.discussion),
        ("coalesce(p.lang, p.network_lang) = ?", filters.language),
        (
            "EXISTS (SELECT 1 FROM post_municipalities u WHERE u.post_id = p.post_id AND u.code = ?)",
            filters.municipality,
        ),
        (f"{SHOWN_STANDING} = ?", filters.theme),
    ):
        if value is not None:
            wanted.append((condition, (clean(value),)))
    if filters.is_labelled is not None:
        negation = "" if filters.is_labelled else "NOT "
        wanted.append((f"{negation}EXISTS (SELECT 1 FROM labels t WHERE t.post_id = p.post_id)", ()))
    return wanted
