"""What editors changed in drafts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "issue_edits",
        sa.Column("issue", _KEY, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("edits", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.BigInteger(), nullable=True),
        sa.Column("edited_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["issue"], ["issues.key"], name="fk_issue_edits_issue"),
        sa.PrimaryKeyConstraint("issue", name="pk_issue_edits"),
    )
