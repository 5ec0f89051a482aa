"""Mails that came back, and addresses that get none for that."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "bounces",
        sa.Column("report", _KEY, nullable=False),
        sa.Column("recipient", _KEY, nullable=False),
        sa.Column("issue", _KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["issue"], ["issues.key"], name="fk_bounces_issue"),
        sa.PrimaryKeyConstraint("report", "recipient", name="pk_bounces"),
    )
    op.create_table(
        "addresses",
        sa.Column("address", _KEY, nullable=False),
        sa.Column("standing", _KEY, nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_addresses"),
    )
