# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""Finding posts by what they say: the same answers on SQLite and PostgreSQL."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from corpus.classified import Reader
from corpus.database import Database
from corpus.found_in import Span, relevances, sighted
from corpus.post import ClassifiedPost
from corpus.question import QuestionError, read_question
from corpus.reading import json_to_words
from corpus.search_index import ID_MASK
from corpus.search_query import END, Bounds, Filters, Query
from corpus.vocabulary import Vocabulary

Order = Literal["newest", "relevance"]
_KEY = re.compile(r"([nr])(?:\.[0-9]{1,19}){1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A post that was found."""

    post: ClassifiedPost
    spans: tuple[Span, ...]
    """Of its text what answers the question, in characters; none where only its network's hashtags do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of what was found."""

    hits: tuple[Hit, ...]
    total: int
    """Hits on all pages."""
    is_total_exact: bool
    """False where there are more than that; how many more was not counted."""
    next_key: str | None
    """To go on from; None on the last page."""


class Search:
    """Finds posts: ``corpus.search(...)``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = Reader(database)

    def __call__(
        self,
        line: str,
        *,
        vocabulary: Vocabulary,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        order: Order = "newest",
        limit: int = 20,
        key: str | None = None,
        bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    ) -> Found:
        """Return a page of the posts that answer a line like ``kunta OR kommun -vero "kunnan talous" #sote``.

        Tombstones and opt-outs are never found. Posts that the index step has not seen yet are not either.

        Args:
            line: as ``corpus.question`` describes it.
            vocabulary: by which the index was filled.
            filters: among which posts.
            order: newest first, or the best of the newest 200 hits first.
            limit: hits on a page.
            key: of the page before, to go on.
            bounds: of the work; the usual ones keep a search at a million posts within a twentieth of a second.

        Raises:
            QuestionError: the line, or the key, cannot mean anything.
            DatabaseUnavailableError: it cannot be read.
        """
        question = read_question(line)
        query = Query(self._database, question, vocabulary=vocabulary, filters=filters, bounds=bounds)
        total, is_exact = query.count()
        if order == "relevance":
            documents, next_key = self._most_relevant(query, limit, key)
        else:
            before = END if key is None else _key_parts(key, "n", 1)[0]
            documents = query.newest(limit + 1, before)
            next_key = f"n.{documents[limit - 1]}" if len(documents) > limit else None
        posts = {
            post.stored.post_id: post
            for post in self._reader.classified_of([one & ID_MASK for one in documents[:limit]])
        }
        hits = []
        for document in documents[:limit]:
            post = posts.get(document & ID_MASK)
            if post is None or post.stored.post.text is None:  # buried since
                continue
            said = post.stored.post
            seen = sighted(question, said.text or "", said.hashtags, vocabulary, filters.language)
            hits.append(Hit(post=post, spans=seen.spans))
        return Found(hits=tuple(hits), total=total, is_total_exact=is_exact, next_key=next_key)

    def counts(
        self,
        line: str,
        periods: Sequence[tuple[datetime, datetime]],
        *,
        vocabulary: Vocabulary,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        bounds: Bounds = Bounds(),  # noqa: B008 - frozen
    ) -> list[tuple[int, bool]]:
        """Return for each period, from its first instant to before its second, how many posts answer a line.

        And whether that is all of them, or only what was counted.

        Raises:
            QuestionError: the line cannot mean anything.
            DatabaseUnavailableError: it cannot be read.
        """
        question = read_question(line)
        return [
            Query(
                self._database,
                question,
                vocabulary=vocabulary,
                filters=replace(filters, since=since, until=until),
                bounds=bounds,
            ).count()
            for since, until in periods
        ]

    def _most_relevant(self, query: "Query", limit: int, key: str | None) -> tuple[list[int], str | None]:
        """Return the next documents in order of relevance, among the newest as of the first page."""
        before, last_score, last = (END, END, END) if key is None else _key_parts(key, "r", 3)
        documents = query.newest(query.bounds.ranked, before)
        texts = self._texts(documents)
        documents = [document for document in documents if document & ID_MASK in texts]
        language = query.filters.language
        scores = relevances(
            [sighted(query.question, *texts[one & ID_MASK], query.vocabulary, language) for one in documents]
        )
        ranked = sorted(zip(scores, documents, strict=True), reverse=True)
        rest = [one for one in ranked if one < (last_score, last)]
        page = [document for _, document in rest[:limit]]
        next_key = None
        if len(rest) > limit:
            next_key = f"r.{max(documents) + 1 if key is None else before}.{rest[limit - 1][0]}.{page[-1]}"
        return page, next_key

    def _texts(self, documents: Sequence[int]) -> dict[int, tuple[str, tuple[str, ...]]]:
        rows = self._database.query(
            f"SELECT post_id, text, hashtags FROM posts WHERE text IS NOT NULL AND {self._database.among('post_id')}",
            (self._database.keys(document & ID_MASK for document in documents),),
        )
        return {row[0]: (row[1], json_to_words(row[2])) for row in rows}


def _key_parts(key: str, kind: str, parts: int) -> list[int]:
    """Return the numbers of a key.

    Raises:
        QuestionError: it is none, or one of another order.
    """
    match = _KEY.fullmatch(key)
    numbers = [int(number) for number in key.split(".")[1:]] if match else []
    if match is None or match[1] != kind or len(numbers) != parts or max(numbers) > END:
        raise QuestionError("key")
    return numbers
