"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create all tables."""
    _posts()
    _posts_indexes()
    _beside_posts()
    _judgements()
    _ledger()
    _work()
    _digest()


def _posts() -> None:
    op.create_table(
        "authors",
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("network", _KEY, nullable=False),
        sa.Column("native_id", _KEY, nullable=False),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("author_id", name="pk_authors"),
        sa.UniqueConstraint("network", "native_id", name="uq_authors_network_native_id"),
    )
    op.create_table(
        "payloads",
        sa.Column("payload_id", _ID, nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("payload_id", name="pk_payloads"),
    )
    op.create_table(
        "posts",
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("network", _KEY, nullable=False),
        sa.Column("native_id", _KEY, nullable=False),
        sa.Column("author_id", _ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("via", _KEY, nullable=False),
        sa.Column("source", _KEY, nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("lang", _KEY, nullable=True),
        sa.Column("network_lang", _KEY, nullable=True),
        sa.Column("reply_to", _KEY, nullable=True),
        sa.Column("quote_of", _KEY, nullable=True),
        sa.Column("repost_of", _KEY, nullable=True),
        sa.Column("discussion", _KEY, nullable=True),
        sa.Column("hashtags", sa.Text(), nullable=True),
        sa.Column("links", sa.Text(), nullable=True),
        sa.Column("replies", sa.BigInteger(), nullable=True),
        sa.Column("reposts", sa.BigInteger(), nullable=True),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("counts_at", sa.BigInteger(), nullable=True),
        sa.Column("cut_from", sa.BigInteger(), nullable=True),
        sa.Column("gone", _KEY, nullable=True),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.Column("payload_id", _ID, nullable=True),
        sa.Column("payload_line", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("version_at", sa.BigInteger(), nullable=False),
        sa.Column("cluster", _KEY, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["authors.author_id"], name="fk_posts_author_id"),
        sa.ForeignKeyConstraint(["payload_id"], ["payloads.payload_id"], name="fk_posts_payload_id"),
        sa.PrimaryKeyConstraint("post_id", name="pk_posts"),
        sa.UniqueConstraint("network", "native_id", name="uq_posts_network_native_id"),
    )


def _posts_indexes() -> None:
    op.create_index("ix_posts_author_id", "posts", ["author_id"])
    op.create_index(
        "ix_posts_cluster",
        "posts",
        ["cluster"],
        sqlite_where=sa.text("cluster IS NOT NULL"),
        postgresql_where=sa.text("cluster IS NOT NULL"),
    )
    op.create_index("ix_posts_created_at", "posts", ["created_at"])
    op.create_index(
        "ix_posts_discussion",
        "posts",
        ["discussion"],
        sqlite_where=sa.text("discussion IS NOT NULL"),
        postgresql_where=sa.text("discussion IS NOT NULL"),
    )
    op.create_index(
        "ix_posts_quote_of",
        "posts",
        ["quote_of"],
        sqlite_where=sa.text("quote_of IS NOT NULL"),
        postgresql_where=sa.text("quote_of IS NOT NULL"),
    )
    op.create_index(
        "ix_posts_reply_to",
        "posts",
        ["reply_to"],
        sqlite_where=sa.text("reply_to IS NOT NULL"),
        postgresql_where=sa.text("reply_to IS NOT NULL"),
    )
    op.create_index(
        "ix_posts_repost_of",
        "posts",
        ["repost_of"],
        sqlite_where=sa.text("repost_of IS NOT NULL"),
        postgresql_where=sa.text("repost_of IS NOT NULL"),
    )


def _beside_posts() -> None:
    op.create_table(
        "revisions",
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("payload_id", _ID, nullable=True),
        sa.Column("payload_line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["payload_id"], ["payloads.payload_id"], name="fk_revisions_payload_id"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_revisions_post_id"),
        sa.PrimaryKeyConstraint("post_id", "version", name="pk_revisions"),
    )
    op.create_table(
        "metrics",
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("replies", sa.BigInteger(), nullable=True),
        sa.Column("reposts", sa.BigInteger(), nullable=True),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_metrics_post_id"),
        sa.PrimaryKeyConstraint("post_id", "seen_at", name="pk_metrics"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hashtags",
        sa.Column("hashtag_id", _ID, nullable=False),
        sa.Column("hashtag", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("hashtag_id", name="pk_hashtags"),
        sa.UniqueConstraint("hashtag", name="uq_hashtags_hashtag"),
    )
    op.create_table(
        "post_hashtags",
        sa.Column("hashtag_id", _ID, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["hashtag_id"], ["hashtags.hashtag_id"], name="fk_post_hashtags_hashtag_id"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_post_hashtags_post_id"),
        sa.PrimaryKeyConstraint("hashtag_id", "post_id", name="pk_post_hashtags"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "post_links",
        sa.Column("link_hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_post_links_post_id"),
        sa.PrimaryKeyConstraint("link_hash", "post_id", name="pk_post_links"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "post_municipalities",
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("code", _KEY, nullable=False),
        sa.Column("basis", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_post_municipalities_post_id"),
        sa.PrimaryKeyConstraint("post_id", "code", "basis", name="pk_post_municipalities"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_post_municipalities_code", "post_municipalities", ["code"])


def _judgements() -> None:
    op.create_table(
        "labels",
        sa.Column("label_id", _ID, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("theme", _KEY, nullable=False),
        sa.Column("by", _KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("guideline", sa.Text(), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_labels_post_id"),
        sa.PrimaryKeyConstraint("label_id", name="pk_labels"),
        sa.UniqueConstraint("post_id", "by", "at", "theme", name="uq_labels_post_id_by_at_theme"),
    )
    op.create_table(
        "models",
        sa.Column("model_id", _ID, nullable=False),
        sa.Column("version", _KEY, nullable=False),
        sa.Column("trained_at", sa.BigInteger(), nullable=True),
        sa.Column("data_hash", sa.Text(), nullable=True),
        sa.Column("theme_hash", sa.Text(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("activated_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("model_id", name="pk_models"),
        sa.UniqueConstraint("version", name="uq_models_version"),
    )
    op.create_table(
        "predictions",
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("model_id", _ID, nullable=False),
        sa.Column("lang", _KEY, nullable=False),
        sa.Column("theme", _KEY, nullable=True),
        sa.Column("standing", _KEY, nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("themes", sa.Text(), nullable=False),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("projects", sa.Text(), nullable=False),
        sa.Column("phenomena", sa.Text(), nullable=False),
        sa.Column("predicted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.model_id"], name="fk_predictions_model_id"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_predictions_post_id"),
        sa.PrimaryKeyConstraint("post_id", "model_id", name="pk_predictions"),
    )
    op.create_index("ix_predictions_model_id", "predictions", ["model_id"])


def _ledger() -> None:
    op.create_table(
        "watermarks",
        sa.Column("source", _KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reached_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_watermarks"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("name", _KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_checkpoints"),
    )
    op.create_table(
        "source_states",
        sa.Column("source", _KEY, nullable=False),
        sa.Column("state", _KEY, nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("resume_at", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", name="pk_source_states"),
    )
    op.create_table(
        "coverage_hours",
        sa.Column("source", _KEY, nullable=False),
        sa.Column("hour_at", sa.BigInteger(), nullable=False),
        sa.Column("state", _KEY, nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "hour_at", name="pk_coverage_hours"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_coverage_hours_hour_at", "coverage_hours", ["hour_at"])


def _work() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", _ID, nullable=False),
        sa.Column("job", _KEY, nullable=False),
        sa.Column("source", _KEY, nullable=True),
        sa.Column("slot_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("state", _KEY, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
        sa.UniqueConstraint("job", "slot_at", name="uq_runs_job_slot_at"),
    )
    op.create_table(
        "audits",
        sa.Column("audit_id", _ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audits"),
    )
    op.create_table(
        "facts",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("put_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_facts"),
    )


def _digest() -> None:
    op.create_table(
        "issues",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("state", _KEY, nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("corpus_fingerprint", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_issues"),
    )
    op.create_table(
        "renderings",
        sa.Column("issue", _KEY, nullable=False),
        sa.Column("language", _KEY, nullable=False),
        sa.Column("role", _KEY, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("charts", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["issue"], ["issues.key"], name="fk_renderings_issue"),
        sa.PrimaryKeyConstraint("issue", "language", "role", name="pk_renderings"),
    )
    op.create_table(
        "deliveries",
        sa.Column("issue", _KEY, nullable=False),
        sa.Column("recipient", _KEY, nullable=False),
        sa.Column("language", _KEY, nullable=False),
        sa.Column("role", _KEY, nullable=False),
        sa.Column("state", _KEY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["issue"], ["issues.key"], name="fk_deliveries_issue"),
        sa.PrimaryKeyConstraint("issue", "recipient", name="pk_deliveries"),
    )
