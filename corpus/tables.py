"""The rows of posts and of what is said of them, private to this room; those of the program's work are ``work_tables``.

Instants (``_at``) are microseconds since 1970 in UTC: exact, comparable and fast on both databases. Lists and
mappings are JSON in text. Native ids are text. Where a column is not explained here, the carrier that it becomes is
(``corpus.post``, ``corpus.ledger``, ``corpus.issues``).
"""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, false, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from corpus.row import ID as _ID
from corpus.row import KEY as _KEY
from corpus.row import (
    WITHOUT_ROWID,
    Big,
    Bytes,
    Id,
    Instant,
    Json,
    Key,
    OptionalInstant,
    OptionalKey,
    Row,
)


def _of_post(*, primary_key: bool = False) -> Mapped[int]:
    return mapped_column(_ID, ForeignKey("posts.post_id"), primary_key=primary_key)


class AuthorRow(Row):
    """An account; the latest seen handle and name."""

    __tablename__ = "authors"
    __table_args__ = (UniqueConstraint("network", "native_id"),)
    author_id: Mapped[Id]
    network: Mapped[Key]
    native_id: Mapped[Key]
    handle: Mapped[str | None] = mapped_column(Text())
    name: Mapped[str | None] = mapped_column(Text())
    seen_at: Mapped[Instant]


class PayloadRow(Row):
    """Payloads of up to a few hundred posts, one a line, compressed by zstd; a blanked line belongs to a tombstone."""

    __tablename__ = "payloads"
    payload_id: Mapped[Id]
    lines: Mapped[Bytes]


class PostRow(Row):
    """A post in its current version, or its tombstone."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("network", "native_id"),
        Index(None, "created_at"),
        Index(None, "author_id"),
        *(
            Index(
                None, column, sqlite_where=text(f"{column} IS NOT NULL"), postgresql_where=text(f"{column} IS NOT NULL")
            )
            for column in ("reply_to", "quote_of", "repost_of", "discussion", "cluster")
        ),
    )
    post_id: Mapped[Id]
    network: Mapped[Key]
    native_id: Mapped[Key]
    author_id: Mapped[int | None] = mapped_column(_ID, ForeignKey("authors.author_id"))
    text: Mapped[str | None] = mapped_column(Text())
    created_at: Mapped[Instant]
    edited_at: Mapped[OptionalInstant]
    via: Mapped[Key]
    source: Mapped[Key]
    url: Mapped[str | None] = mapped_column(Text())
    lang: Mapped[OptionalKey]
    """As identified by the classifier."""
    network_lang: Mapped[OptionalKey]
    """As the network says."""
    reply_to: Mapped[OptionalKey]
    quote_of: Mapped[OptionalKey]
    repost_of: Mapped[OptionalKey]
    discussion: Mapped[OptionalKey]
    hashtags: Mapped[str | None] = mapped_column(Text())
    """JSON list in order of appearance, None for none; ``post_hashtags`` is the index into it."""
    links: Mapped[str | None] = mapped_column(Text())
    """JSON list; ``post_links`` is the index into it."""
    replies: Mapped[Big]
    reposts: Mapped[Big]
    likes: Mapped[Big]
    views: Mapped[Big]
    counts_at: Mapped[OptionalInstant]
    """When these counts were seen; None where the network never reported any."""
    cut_from: Mapped[Big]
    gone: Mapped[OptionalKey]
    gone_at: Mapped[OptionalInstant]
    payload_id: Mapped[int | None] = mapped_column(_ID, ForeignKey("payloads.payload_id"))
    payload_line: Mapped[int | None] = mapped_column(Integer())
    fingerprint: Mapped[Bytes]
    first_seen_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    version_at: Mapped[Instant]
    """When this version was last seen."""
    cluster: Mapped[OptionalKey]


class RevisionRow(Row):
    """A version of a post that is not the current one."""

    __tablename__ = "revisions"
    post_id: Mapped[int] = _of_post(primary_key=True)
    version: Mapped[bytes] = mapped_column(LargeBinary(), primary_key=True)
    """Hash over text and time of edit."""
    text: Mapped[str | None] = mapped_column(Text())
    edited_at: Mapped[OptionalInstant]
    seen_at: Mapped[Instant]
    payload_id: Mapped[int | None] = mapped_column(_ID, ForeignKey("payloads.payload_id"))
    payload_line: Mapped[int | None] = mapped_column(Integer())


class MetricRow(Row):
    """Public counts of a post each time they were seen to differ."""

    __tablename__ = "metrics"
    __table_args__ = WITHOUT_ROWID
    post_id: Mapped[int] = _of_post(primary_key=True)
    seen_at: Mapped[int] = mapped_column(BigInteger(), primary_key=True)
    replies: Mapped[Big]
    reposts: Mapped[Big]
    likes: Mapped[Big]
    views: Mapped[Big]


class QuoteCountRow(Row):
    """How many posts quote a post, as last seen: what is quoted is asked for its discussion."""

    __tablename__ = "quote_counts"
    __table_args__ = WITHOUT_ROWID
    post_id: Mapped[int] = _of_post(primary_key=True)
    quotes: Mapped[int] = mapped_column(BigInteger())


class HashtagRow(Row):
    """A hashtag, casefolded, without ``#``."""

    __tablename__ = "hashtags"
    __table_args__ = (UniqueConstraint("hashtag"),)
    hashtag_id: Mapped[Id]
    hashtag: Mapped[Key]


class PostHashtagRow(Row):
    """Which posts carry a hashtag."""

    __tablename__ = "post_hashtags"
    __table_args__ = WITHOUT_ROWID
    hashtag_id: Mapped[int] = mapped_column(_ID, ForeignKey("hashtags.hashtag_id"), primary_key=True)
    post_id: Mapped[int] = _of_post(primary_key=True)


class PostLinkRow(Row):
    """Which posts share a link, by a 64-bit hash of its address; compare the addresses in ``posts.links``."""

    __tablename__ = "post_links"
    __table_args__ = WITHOUT_ROWID
    link_hash: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    post_id: Mapped[int] = _of_post(primary_key=True)


class DiscussionPostRow(Row):
    """To which discussion a post belongs, and by what: filled by the index step, never by the import."""

    __tablename__ = "discussion_posts"
    __table_args__ = (Index(None, "first_id"), WITHOUT_ROWID)
    post_id: Mapped[int] = _of_post(primary_key=True)
    first_id: Mapped[int] = mapped_column(_ID)
    """The discussion's earliest post, which names it."""
    fingerprint: Mapped[Bytes]
    """The post's when it was last placed: another one means that it must be placed again."""
    ties: Mapped[Bytes]
    """Sorted 64-bit hashes of the ids by which it hangs together with posts of its network."""
    links: Mapped[Bytes]
    """Sorted 64-bit hashes of the canonical links that it shares."""


class DiscussionTieRow(Row):
    """A post that carries a tie: all that do are one discussion."""

    __tablename__ = "discussion_ties"
    __table_args__ = WITHOUT_ROWID
    tie: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(_ID)
    """In ``discussion_posts``; no foreign key, which would double the time of a row."""


class DiscussionLinkRow(Row):
    """Which posts share a story, by a 64-bit hash of its canonical link."""

    __tablename__ = "discussion_links"
    __table_args__ = WITHOUT_ROWID
    link_hash: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(_ID, primary_key=True, autoincrement=False)
    created_at: Mapped[Instant]


class MunicipalityRow(Row):
    """A municipality that a post speaks of, or whose organisation made it."""

    __tablename__ = "post_municipalities"
    __table_args__ = (Index(None, "code"), WITHOUT_ROWID)
    post_id: Mapped[int] = _of_post(primary_key=True)
    code: Mapped[str] = mapped_column(_KEY, primary_key=True)
    """Three digits."""
    basis: Mapped[str] = mapped_column(_KEY, primary_key=True)
    """``text`` or ``organisation``."""


class AreaRow(Row):
    """A region or a wellbeing services county that a post's text names."""

    __tablename__ = "post_areas"
    __table_args__ = WITHOUT_ROWID
    post_id: Mapped[int] = _of_post(primary_key=True)
    kind: Mapped[str] = mapped_column(_KEY, primary_key=True)
    """``region`` or ``county``."""
    code: Mapped[str] = mapped_column(_KEY, primary_key=True)


class UnplacedRow(Row):
    """A post that was edited after its places had been read."""

    __tablename__ = "unplaced"
    post_id: Mapped[int] = _of_post(primary_key=True)


class IndexMarkRow(Row):
    """How far a part of the index step, made by the rules of its recipe, has come."""

    __tablename__ = "index_marks"
    part: Mapped[str] = mapped_column(_KEY, primary_key=True)
    recipe: Mapped[str] = mapped_column(Text())
    post_id: Mapped[int] = mapped_column(BigInteger())
    """All posts up to this one are done, but for those in the queue."""


class IndexQueueRow(Row):
    """A post that waits again for a part of the index step, since it changed."""

    __tablename__ = "index_queue"
    __table_args__ = WITHOUT_ROWID
    part: Mapped[str] = mapped_column(_KEY, primary_key=True)
    post_id: Mapped[int] = _of_post(primary_key=True)


class SearchRow(Row):
    """By what a post is found (``corpus.vocabulary``); the virtual table ``search_index`` of SQLite holds it too."""

    __tablename__ = "search_posts"
    __table_args__ = (Index(None, "codes", postgresql_using="gin").ddl_if(dialect="postgresql"),)
    document_id: Mapped[int] = mapped_column(_ID, primary_key=True, autoincrement=False)
    codes: Mapped[bytes] = mapped_column(LargeBinary().with_variant(postgresql.TSVECTOR(), "postgresql"))


class LabelRow(Row):
    """A person's judgement."""

    __tablename__ = "labels"
    __table_args__ = (UniqueConstraint("post_id", "by", "at", "theme"),)
    label_id: Mapped[Id]
    post_id: Mapped[int] = _of_post()
    theme: Mapped[Key]
    """A slug, ``none`` or ``unsure``."""
    by: Mapped[Key]
    at: Mapped[Instant]
    guideline: Mapped[str | None] = mapped_column(Text())
    blind: Mapped[bool]
    audit: Mapped[bool] = mapped_column(server_default=false())
    """Given for a post that was drawn at random for the audit."""


class ModelRow(Row):
    """A version of the classifier; those known from imported predictions only were never trained here."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("version"),)
    model_id: Mapped[Id]
    version: Mapped[Key]
    trained_at: Mapped[OptionalInstant]
    data_hash: Mapped[str | None] = mapped_column(Text())
    theme_hash: Mapped[str | None] = mapped_column(Text())
    report: Mapped[str | None] = mapped_column(Text())
    activated_at: Mapped[OptionalInstant]
    """The latest is active."""
    learnt_to: Mapped[int | None] = mapped_column(BigInteger())
    """The last label that it may have learnt from; 0 for none, null where nobody knows."""


class PredictionRow(Row):
    """One classifier version's judgement of a post."""

    __tablename__ = "predictions"
    __table_args__ = (Index(None, "model_id"),)
    post_id: Mapped[int] = _of_post(primary_key=True)
    model_id: Mapped[int] = mapped_column(_ID, ForeignKey("models.model_id"), primary_key=True)
    lang: Mapped[Key]
    theme: Mapped[OptionalKey]
    standing: Mapped[Key]
    """The theme, ``none`` or ``unsure``: what ``ClassifiedPost.standing`` says of it."""
    confidence: Mapped[float]
    themes: Mapped[Json]
    scores: Mapped[Json]
    reasons: Mapped[Json]
    projects: Mapped[Json]
    phenomena: Mapped[Json]
    predicted_at: Mapped[Instant]
