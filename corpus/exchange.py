# ruff: noqa: S608 - statements are put together from this room's own names; values are always parameters
"""The ``corpus`` JSONL of the contract: a classified post as a line, out and in again without loss.

Beyond the contract's keys a line carries ``gone`` (why there is no text), ``cut_from``, ``joined_discussion`` (the
earliest post of its discussion across networks, as ``network:native_id``; ``discussion`` is the network's own), and
``predicted`` (the classifier's own theme where a label decided otherwise) with ``reasons``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from corpus.changes import Change, decide
from corpus.exchange_row import ImportedRow, Places, from_row
from corpus.judgements import without_words
from corpus.ledger import Checkpoint
from corpus.place_rows import read_up_to
from corpus.post import ClassifiedPost, Post
from corpus.posts import IMPORT, Applied
from corpus.store import Corpus
from corpus.writing import Origin

__all__ = ["ImportedRow", "apply_rows", "from_row", "instant_text", "to_row"]


def to_row(post: ClassifiedPost, municipalities: Places = ()) -> dict[str, Any]:
    """Return a post as the contract's JSON object, its keys in the contract's order."""
    stored, said, judged = post.stored, post.stored.post, post.prediction
    return {
        "network": said.network,
        "native_id": said.native_id,
        "url": said.url,
        "author": said.author
        and {"native_id": said.author.native_id, "handle": said.author.handle, "name": said.author.name},
        "text": said.text,
        "lang": stored.lang or said.lang,
        "created_at": instant_text(said.created_at),
        "edited_at": said.edited_at and instant_text(said.edited_at),
        "collected_at": instant_text(stored.first_seen_at),
        "source": stored.source,
        "via": said.via,
        "reply_to": said.reply_to,
        "quote_of": said.quote_of,
        "repost_of": said.repost_of,
        "discussion": said.discussion,
        "hashtags": list(said.hashtags),
        "links": list(said.links),
        "counts": {
            "replies": said.counts.replies,
            "reposts": said.counts.reposts,
            "likes": said.counts.likes,
            "views": said.counts.views,
        },
        "theme": post.theme,
        "themes": list(judged.themes) if judged else [],
        "theme_by": post.theme_by,
        "confidence": judged and judged.confidence,
        "scores": judged and dict(judged.scores),
        "model": judged and judged.model,
        "labels": [
            {
                "theme": label.theme,
                "by": label.by,
                "at": instant_text(label.at),
                "guideline": label.guideline,
                "blind": label.blind,
                **({"audit": True} if label.audit else {}),
            }
            for label in post.labels
        ],
        "projects": list(judged.projects) if judged else [],
        "phenomena": list(judged.phenomena) if judged else [],
        "municipalities": [{"code": code, "basis": basis} for code, basis in municipalities],
        "cluster": stored.cluster,
        "gone": said.gone,
        "cut_from": said.cut_from,
        "joined_discussion": stored.discussion,
        "predicted": judged and judged.theme,
        "reasons": [
            {"kind": reason.kind, "text": reason.text, "weight": reason.weight}
            for reason in (judged.reasons if judged else ())
        ],
    }


def instant_text(instant: datetime) -> str:
    """Return an instant as RFC 3339 in UTC, with microseconds only where there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def apply_rows(
    corpus: Corpus, rows: Sequence[ImportedRow], *, now: datetime, checkpoint: Checkpoint | None = None
) -> Applied:
    """Store lines of our own JSONL with labels, predictions and progress, all or nothing, and return what changed.

    What is here already and newer stays: an edited text, a newer label, a tombstone, an identified language. A
    sighting is dated by the line's ``collected_at``.

    Args:
        corpus: where to store.
        rows: from ``from_row``; 5,000 at a time are a good measure.
        now: for lines that do not say when they were collected.
        checkpoint: how far the import has come.

    Raises:
        DatabaseUnavailableError: nothing was stored.
    """
    origins: dict[tuple[str, str], Origin] = {}
    by_network: dict[str, list[Post]] = {}
    for row in rows:
        seen_at = row.collected_at or now
        origins.setdefault((row.post.network, row.post.native_id), Origin(row.source or IMPORT, seen_at, seen_at))
        by_network.setdefault(row.post.network, []).append(row.post)
    with corpus.database.writing() as connection:
        changes: list[Change] = []
        for network, posts in by_network.items():
            known = corpus.posts.known_in(connection, network, [post.native_id for post in posts])
            changes += decide(posts, known, now)
        outcome = corpus.posts.apply_in(connection, changes, Origin(IMPORT, now, now), origins)
        ids = _ids(corpus, connection, by_network)
        judged = _judge(corpus, connection, rows, ids, now) - outcome.inserted.keys() - outcome.buried
        corpus.posts.progress_in(connection, None, checkpoint)
    return replace(outcome, changed=outcome.changed | judged).applied(len(rows))


def _ids(corpus: Corpus, connection: Connection, posts: Mapping[str, Sequence[Post]]) -> dict[tuple[str, str], int]:
    """Return our ids of the posts that have not become tombstones here while the line still has a text."""
    ids = {}
    for network, found in posts.items():
        known = corpus.posts.known_in(connection, network, [post.native_id for post in found])
        for post in found:
            if (here := known.get(post.native_id)) and (here.gone is None or post.gone is not None):
                ids[network, post.native_id] = here.post_id
    return ids


def _judge(
    corpus: Corpus,
    connection: Connection,
    rows: Iterable[ImportedRow],
    ids: Mapping[tuple[str, str], int],
    now: datetime,
) -> set[int]:
    """Store what lines say of posts; return the ids of the posts of which something new was said."""
    placed = [(ids[key], row) for row in rows if (key := (row.post.network, row.post.native_id)) in ids]
    labels = [(post_id, label) for post_id, row in placed for label in row.labels]
    predictions = [
        (post_id, row.prediction if row.post.gone is None else without_words(row.prediction))
        for post_id, row in placed
        if row.prediction is not None
    ]
    before = _judged(corpus, connection, {post_id for post_id, _ in [*labels, *predictions]})
    corpus.judgements.add_labels_in(connection, labels)
    corpus.judgements.save_predictions_in(connection, predictions, now=now, replace=False)
    database = corpus.database
    with_text = [(post_id, row) for post_id, row in placed if row.post.gone is None]
    database.run_many(
        connection,
        "UPDATE posts SET lang = ? WHERE post_id = ? AND lang IS NULL AND text IS NOT NULL",
        [(row.prediction.lang, post_id) for post_id, row in with_text if row.prediction],
    )
    database.run_many(
        connection,
        "UPDATE posts SET cluster = ? WHERE post_id = ? AND cluster IS NULL AND text IS NOT NULL",
        [(row.cluster, post_id) for post_id, row in with_text if row.cluster],
    )
    read = read_up_to(database, connection)  # of these posts the index step knows better
    database.run_many(
        connection,
        "INSERT INTO post_municipalities (post_id, code, basis) VALUES (?, ?, ?)"
        " ON CONFLICT (post_id, code, basis) DO NOTHING",
        [(post_id, code, basis) for post_id, row in with_text if post_id > read for code, basis in row.municipalities],
    )
    after = _judged(corpus, connection, {post_id for post_id, _ in [*labels, *predictions]})
    return {post_id for post_id, count in after.items() if count != before.get(post_id, 0)}


def _judged(corpus: Corpus, connection: Connection, ids: set[int]) -> dict[int, int]:
    """Return how many judgements there are of each post."""
    counts: dict[int, int] = {}
    for table in ("labels", "predictions"):
        for post_id, count in corpus.database.rows(
            connection,
            f"SELECT post_id, count(*) FROM {table} WHERE {corpus.database.among('post_id')} GROUP BY post_id",
            (corpus.database.keys(ids),),
        ):
            counts[post_id] = counts.get(post_id, 0) + count
    return counts
