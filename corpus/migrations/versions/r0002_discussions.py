"""Which posts are one discussion, and how often a post is quoted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables; the index step fills those of the discussions."""
    op.create_table(
        "discussion_posts",
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("first_id", _ID, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("ties", sa.LargeBinary(), nullable=False),
        sa.Column("links", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_discussion_posts_post_id"),
        sa.PrimaryKeyConstraint("post_id", name="pk_discussion_posts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_discussion_posts_first_id", "discussion_posts", ["first_id"])
    op.create_table(
        "discussion_ties",
        sa.Column("tie", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("tie", name="pk_discussion_ties"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "discussion_links",
        sa.Column("link_hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", _ID, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("link_hash", "post_id", name="pk_discussion_links"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quote_counts",
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("quotes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_quote_counts_post_id"),
        sa.PrimaryKeyConstraint("post_id", name="pk_quote_counts"),
        sqlite_with_rowid=False,
    )
