"""The weeks of the programme's calendar; the views themselves are made anew by each upgrade (``corpus.views``)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "weeks",
        sa.Column("begin_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("week", _KEY, nullable=False),
        sa.PrimaryKeyConstraint("begin_at", name="pk_weeks"),
    )
