"""From the driver's rows to carriers: tuples in the order of the column lists of this module."""

from typing import Any

import msgspec

from corpus.changes import Seen
from corpus.instants import to_instant, to_optional_instant
from corpus.post import Author, Counts, Label, Post, Prediction, Reason, StoredPost

POST_COLUMNS = (
    "p.post_id, p.network, p.native_id, a.native_id, a.handle, a.name, p.text, p.created_at, p.via, p.url,"
    " p.network_lang, p.edited_at, p.reply_to, p.quote_of, p.repost_of, p.discussion, p.hashtags, p.links,"
    " p.replies, p.reposts, p.likes, p.views, p.cut_from, p.gone,"
    " p.source, p.first_seen_at, p.last_seen_at, p.lang, p.cluster"
)
POST_WIDTH = POST_COLUMNS.count(",") + 1
POST_TABLES = "posts p LEFT JOIN authors a ON a.author_id = p.author_id"
SEEN_COLUMNS = f"{POST_COLUMNS}, p.version_at, p.counts_at, p.payload_id, p.payload_line, p.author_id"
PREDICTION_COLUMNS = "m.version, q.lang, q.theme, q.themes, q.confidence, q.scores, q.reasons, q.projects, q.phenomena"
LABEL_COLUMNS = "l.post_id, l.theme, l.by, l.at, l.guideline, l.blind, l.audit"

_NO_COUNTS = Counts()
_words = msgspec.json.Decoder(tuple[str, ...]).decode
_scores = msgspec.json.Decoder(dict[str, float]).decode
_reasons = msgspec.json.Decoder(list[tuple[str, str, float]]).decode
_encode = msgspec.json.Encoder().encode

RowTuple = Any
"""A driver's tuple: its types are the columns', which ``corpus.tables`` declares."""


def to_post(row: RowTuple) -> Post:
    """Return the post of a row of ``POST_COLUMNS``, without its payload."""
    return Post(
        network=row[1],
        native_id=row[2],
        author=None if row[3] is None else Author(native_id=row[3], handle=row[4], name=row[5]),
        text=row[6],
        created_at=to_instant(row[7]),
        via=row[8],
        url=row[9],
        lang=row[10],
        edited_at=to_optional_instant(row[11]),
        reply_to=row[12],
        quote_of=row[13],
        repost_of=row[14],
        discussion=row[15],
        hashtags=json_to_words(row[16]),
        links=json_to_words(row[17]),
        counts=_NO_COUNTS
        if row[18:22] == (None, None, None, None)
        else Counts(replies=row[18], reposts=row[19], likes=row[20], views=row[21]),
        cut_from=row[22],
        gone=row[23],
    )


def to_stored(row: RowTuple, discussion: str | None = None) -> StoredPost:
    """Return the stored post of a row of ``POST_COLUMNS``, with its discussion where that was looked up."""
    return StoredPost(
        post=to_post(row),
        post_id=row[0],
        source=row[24],
        first_seen_at=to_instant(row[25]),
        last_seen_at=to_instant(row[26]),
        lang=row[27],
        cluster=row[28],
        discussion=discussion,
    )


def to_seen(row: RowTuple) -> Seen:
    """Return what is known of the post of a row of ``SEEN_COLUMNS``."""
    post = to_post(row)
    at = to_instant(row[26])
    once = Seen.once(post, at)
    counts_at = once.counts_at if row[POST_WIDTH + 1] is None else to_instant(row[POST_WIDTH + 1])
    return Seen(post, at, to_instant(row[POST_WIDTH]), counts_at)


def to_prediction(row: RowTuple) -> Prediction:
    """Return the prediction of a row of ``PREDICTION_COLUMNS``."""
    return Prediction(
        model=row[0],
        lang=row[1],
        theme=row[2],
        themes=_words(row[3]),
        confidence=row[4],
        scores=_scores(row[5]),
        reasons=tuple(Reason(kind=kind, text=text, weight=weight) for kind, text, weight in _reasons(row[6])),
        projects=_words(row[7]),
        phenomena=_words(row[8]),
    )


def to_label(row: RowTuple) -> Label:
    """Return the label of a row of ``LABEL_COLUMNS``."""
    return Label(
        theme=None if row[1] == "none" else row[1],
        by=row[2],
        at=to_instant(row[3]),
        guideline=row[4],
        blind=bool(row[5]),
        audit=bool(row[6]),
    )


def to_json(value: object) -> str:
    """Return a value as compact JSON text."""
    return _encode(value).decode()


def words_to_json(words: tuple[str, ...]) -> str | None:
    """Return words as a JSON list, None for none."""
    return _encode(words).decode() if words else None


def json_to_words(words: str | None) -> tuple[str, ...]:
    """Return the words of a JSON list, none for None."""
    return () if words is None else _words(words)
