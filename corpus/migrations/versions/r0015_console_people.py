"""Who may enter the console, how they came in, keys of the API, feedback."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "people",
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("address", _KEY, nullable=False),
        sa.Column("name", _KEY, nullable=False),
        sa.Column("role", _KEY, nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("subject", _KEY, nullable=True),
        sa.PrimaryKeyConstraint("person_id", name="pk_people"),
        sa.UniqueConstraint("address", name="uq_people_address"),
        sa.UniqueConstraint("name", name="uq_people_name"),
    )
    _create_entrance()
    op.create_table(
        "api_keys",
        sa.Column("key_id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mark", _KEY, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
        sa.UniqueConstraint("mark", name="uq_api_keys_mark"),
    )
    op.create_table(
        "feedback",
        sa.Column("feedback_id", _ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_feedback"),
    )


def _create_entrance() -> None:
    op.create_table(
        "sessions",
        sa.Column("mark", _KEY, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_sessions_person_id"),
        sa.PrimaryKeyConstraint("mark", name="pk_sessions"),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_table(
        "entries",
        sa.Column("mark", _KEY, nullable=False),
        sa.Column("kind", _KEY, nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.person_id"], name="fk_entries_person_id"),
        sa.PrimaryKeyConstraint("mark", name="pk_entries"),
    )
    op.create_index("ix_entries_person_id", "entries", ["person_id"])
