"""Marks of what was erased, and what is known of a rendering that was redacted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table and the columns."""
    op.create_table(
        "erasures",
        sa.Column("erasure_id", _ID, nullable=False),
        sa.Column("kind", _KEY, nullable=False),
        sa.Column("network", _KEY, nullable=False),
        sa.Column("mark", _KEY, nullable=False),
        sa.Column("key_id", _KEY, nullable=False),
        sa.Column("why", _KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", name="pk_erasures"),
        sa.UniqueConstraint("mark", "key_id", name="uq_erasures_mark_key_id"),
    )
    op.create_index("ix_erasures_at", "erasures", ["at"])
    op.add_column("renderings", sa.Column("approved_sha256", sa.Text(), nullable=True))
    op.add_column("renderings", sa.Column("redacted_at", sa.BigInteger(), nullable=True))
    op.add_column("renderings", sa.Column("stale", sa.Boolean(), nullable=True))
