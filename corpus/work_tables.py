"""The rows of the program's work, private to this room: sources, runs, issues, erasures, facts, decisions.

As in ``corpus.tables``, a column that is not explained here is explained where the carrier is that it becomes
(``corpus.ledger``, ``corpus.issues``, ``corpus.edits``, ``corpus.erasures``, ``corpus.decisions``).
"""

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from corpus.row import ID as _ID
from corpus.row import KEY as _KEY
from corpus.row import (
    WITHOUT_ROWID,
    Bytes,
    Id,
    Instant,
    Json,
    Key,
    OptionalInstant,
    OptionalKey,
    Row,
)


class WatermarkRow(Row):
    """Up to where a source is completely collected."""

    __tablename__ = "watermarks"
    source: Mapped[str] = mapped_column(_KEY, primary_key=True)
    value: Mapped[str] = mapped_column(Text())
    reached_at: Mapped[Instant]


class WeekRow(Row):
    """A week of the programme, for the views: a database cannot be trusted to know the time zone's changes of clock."""

    __tablename__ = "weeks"
    begin_at: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    week: Mapped[Key]


class CountedWeekRow(Row):
    """What the trends counted of a week's posts: a cache."""

    __tablename__ = "counted_weeks"
    begin_at: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    end_at: Mapped[Instant]
    fingerprint: Mapped[Bytes]
    """Of all posts and rules that it was counted from."""
    content: Mapped[Bytes]


class CheckpointRow(Row):
    """How far an import has come."""

    __tablename__ = "checkpoints"
    name: Mapped[str] = mapped_column(_KEY, primary_key=True)
    value: Mapped[str] = mapped_column(Text())


class SourceStateRow(Row):
    """How a source fares."""

    __tablename__ = "source_states"
    source: Mapped[str] = mapped_column(_KEY, primary_key=True)
    state: Mapped[Key]
    since_at: Mapped[Instant]
    last_success_at: Mapped[OptionalInstant]
    resume_at: Mapped[OptionalInstant]
    problem: Mapped[str | None] = mapped_column(Text())


class CoverageRow(Row):
    """What is known of one hour of a source."""

    __tablename__ = "coverage_hours"
    __table_args__ = (Index(None, "hour_at"), WITHOUT_ROWID)
    source: Mapped[str] = mapped_column(_KEY, primary_key=True)
    hour_at: Mapped[int] = mapped_column(BigInteger(), primary_key=True)
    state: Mapped[Key]
    posts: Mapped[int]
    was: Mapped[OptionalKey]
    refilled_at: Mapped[OptionalInstant]


class RunRow(Row):
    """One execution of a job; a slot is run once."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("job", "slot_at"),)
    run_id: Mapped[Id]
    job: Mapped[Key]
    source: Mapped[OptionalKey]
    slot_at: Mapped[OptionalInstant]
    started_at: Mapped[Instant]
    ended_at: Mapped[OptionalInstant]
    state: Mapped[Key]
    counts: Mapped[Json]
    problem: Mapped[str | None] = mapped_column(Text())


class AuditRow(Row):
    """Who did what, without a post's text."""

    __tablename__ = "audits"
    audit_id: Mapped[Id]
    at: Mapped[Instant]
    who: Mapped[str] = mapped_column(Text())
    what: Mapped[str] = mapped_column(Text())
    subject: Mapped[str] = mapped_column(Text())


class IssueRow(Row):
    """One week's digest."""

    __tablename__ = "issues"
    key: Mapped[str] = mapped_column(_KEY, primary_key=True)
    state: Mapped[Key]
    numbers: Mapped[Json]
    drafted_at: Mapped[Instant]
    approved_at: Mapped[OptionalInstant]
    approved_by: Mapped[str | None] = mapped_column(Text())
    sent_at: Mapped[OptionalInstant]
    corpus_fingerprint: Mapped[str] = mapped_column(Text())
    model: Mapped[str | None] = mapped_column(Text())


class RenderingRow(Row):
    """The bytes of an approved issue in one language for one role."""

    __tablename__ = "renderings"
    issue: Mapped[str] = mapped_column(_KEY, ForeignKey("issues.key"), primary_key=True)
    language: Mapped[str] = mapped_column(_KEY, primary_key=True)
    role: Mapped[str] = mapped_column(_KEY, primary_key=True)
    subject: Mapped[str] = mapped_column(Text())
    text: Mapped[str] = mapped_column(Text())
    html: Mapped[str] = mapped_column(Text())
    charts: Mapped[Bytes]
    """msgpack map of content id to PNG."""
    sha256: Mapped[str] = mapped_column(Text())
    approved_sha256: Mapped[str | None] = mapped_column(Text())
    """What was approved and mailed, where a post was taken out since; None where it is ``sha256``."""
    redacted_at: Mapped[OptionalInstant]
    stale: Mapped[bool | None]
    """Something of an erased person stands in it, which the next redaction takes out."""


class IssueEditsRow(Row):
    """What editors changed in an issue."""

    __tablename__ = "issue_edits"
    issue: Mapped[str] = mapped_column(_KEY, ForeignKey("issues.key"), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger())
    edits: Mapped[Json]
    edited_at: Mapped[OptionalInstant]
    edited_by: Mapped[str | None] = mapped_column(Text())


class DeliveryRow(Row):
    """One sending of an issue to one recipient: the outbox."""

    __tablename__ = "deliveries"
    issue: Mapped[str] = mapped_column(_KEY, ForeignKey("issues.key"), primary_key=True)
    recipient: Mapped[str] = mapped_column(_KEY, primary_key=True)
    language: Mapped[Key]
    role: Mapped[Key]
    state: Mapped[Key]
    reason: Mapped[str | None] = mapped_column(Text())
    message_id: Mapped[str | None] = mapped_column(Text())
    attempts: Mapped[int]
    opened_at: Mapped[OptionalInstant]
    closed_at: Mapped[OptionalInstant]
    next_try_at: Mapped[OptionalInstant]


class BounceRow(Row):
    """A mail that came back."""

    __tablename__ = "bounces"
    report: Mapped[str] = mapped_column(_KEY, primary_key=True)
    """Name of the mail server's report."""
    recipient: Mapped[str] = mapped_column(_KEY, primary_key=True)
    issue: Mapped[str] = mapped_column(_KEY, ForeignKey("issues.key"))
    at: Mapped[Instant]
    status: Mapped[str] = mapped_column(Text())
    said: Mapped[str] = mapped_column(Text())
    hard: Mapped[bool]


class AddressRow(Row):
    """How an address stands of which more is known than the list of recipients says."""

    __tablename__ = "addresses"
    address: Mapped[str] = mapped_column(_KEY, primary_key=True)
    """Casefolded."""
    standing: Mapped[Key]
    since_at: Mapped[Instant]
    why: Mapped[str] = mapped_column(Text())
    asked_at: Mapped[OptionalInstant]
    """When one that left was last asked whether it wants to come back."""


class MailAnswerRow(Row):
    """What somebody answered to one link of a mail, which thereby is used up."""

    __tablename__ = "mail_answers"
    issue: Mapped[str] = mapped_column(_KEY, ForeignKey("issues.key"), primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    """Of the post among those that the issue shows."""
    who: Mapped[str] = mapped_column(_KEY, primary_key=True)
    post_id: Mapped[int] = mapped_column(_ID, ForeignKey("posts.post_id"), index=True)
    kind: Mapped[Key]
    theme: Mapped[Key]
    at: Mapped[Instant]


class ErasureRow(Row):
    """A keyed mark of an account, handle or post that was erased and may not come in again; never what it marks."""

    __tablename__ = "erasures"
    __table_args__ = (UniqueConstraint("mark", "key_id"), Index(None, "at"))
    erasure_id: Mapped[Id]
    kind: Mapped[Key]
    """``account``, ``handle`` or ``post``."""
    network: Mapped[Key]
    mark: Mapped[Key]
    key_id: Mapped[Key]
    """Which key made the mark."""
    why: Mapped[Key]
    at: Mapped[Instant]
    refused: Mapped[int]
    """Sightings of the account's posts that were not stored since."""


class ExportRow(Row):
    """One export: what left the house, and for whom."""

    __tablename__ = "exports"
    export_id: Mapped[Id]
    made_at: Mapped[Instant]
    made_by: Mapped[str] = mapped_column(Text())
    person: Mapped[str] = mapped_column(Text())
    plan: Mapped[str] = mapped_column(Text())
    projection: Mapped[Key]
    format: Mapped[Key]
    query: Mapped[Json]
    posts: Mapped[int] = mapped_column(BigInteger())
    sha256: Mapped[str] = mapped_column(Text())
    corpus_state: Mapped[Json]
    held: Mapped[Bytes]
    """Our ids of the posts and a mark of each text, packed by ``corpus.held``."""
    told_at: Mapped[OptionalInstant]
    networks: Mapped[Json] = mapped_column(server_default="{}")
    """Posts with their text by network."""


class FactRow(Row):
    """A small keyed fact in JSON."""

    __tablename__ = "facts"
    key: Mapped[str] = mapped_column(_KEY, primary_key=True)
    value: Mapped[Json]
    put_at: Mapped[Instant]


class TopicDecisionRow(Row):
    """What a coordinator decided on a topic; rows are added and never changed."""

    __tablename__ = "topic_decisions"
    decision_id: Mapped[Id]
    at: Mapped[Instant]
    who: Mapped[str] = mapped_column(Text())
    kind: Mapped[Key]
    topic: Mapped[Key]
    other: Mapped[OptionalKey]
    terms: Mapped[Json]
    label: Mapped[Json]
