"""What people answered to the links of their mails, and when somebody who left was asked about coming back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the column, and create the table."""
    op.add_column("addresses", sa.Column("asked_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "mail_answers",
        sa.Column("issue", _KEY, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("who", _KEY, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("kind", _KEY, nullable=False),
        sa.Column("theme", _KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["issue"], ["issues.key"], name="fk_mail_answers_issue"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_mail_answers_post_id"),
        sa.PrimaryKeyConstraint("issue", "place", "who", name="pk_mail_answers"),
    )
    op.create_index("ix_mail_answers_post_id", "mail_answers", ["post_id"])
