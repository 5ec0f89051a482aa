"""Finding posts, with what is missing of the search index filled in before."""

from typing import TYPE_CHECKING

from runtime.jobs.index import Show, make_ready

if TYPE_CHECKING:
    from corpus.search import Found, Hit, Order
    from corpus.search_query import Filters
    from runtime.wiring import Program


def search(
    program: "Program", line: str, *, filters: "Filters", order: "Order", limit: int, key: str | None, show: Show
) -> "Found":
    """Return a page of the posts that answer a line.

    Raises:
        QuestionError: the line, or the key, cannot mean anything; nothing is indexed for it.
    """
    from corpus.question import read_question

    read_question(line)
    make_ready(program, show, "dictionaries", "searchable")
    return program.corpus.search(
        line, vocabulary=program.vocabulary, filters=filters, order=order, limit=limit, key=key
    )


def as_json(found: "Found") -> dict[str, object]:
    """Return a page as JSON."""
    return {
        "total": found.total,
        "is_total_exact": found.is_total_exact,
        "next": found.next_key,
        "hits": [_hit_as_json(hit) for hit in found.hits],
    }


def _hit_as_json(hit: "Hit") -> dict[str, object]:
    stored = hit.post.stored
    post = stored.post
    return {
        "network": post.network,
        "native_id": post.native_id,
        "url": post.url,
        "handle": post.author and post.author.handle,
        "created_at": post.created_at.isoformat(),
        "lang": stored.lang or post.lang,
        "source": stored.source,
        "theme": hit.post.theme,
        "standing": hit.post.standing,
        "text": post.text,
        "spans": [list(span) for span in hit.spans],
    }
