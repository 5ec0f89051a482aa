"""The index step's progress, and what posts are found by; the next ``index`` fills it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables of the index step."""
    op.create_table(
        "index_marks",
        sa.Column("part", _KEY, nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("part", name="pk_index_marks"),
    )
    op.create_table(
        "index_queue",
        sa.Column("part", _KEY, nullable=False),
        sa.Column("post_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_index_queue_post_id"),
        sa.PrimaryKeyConstraint("part", "post_id", name="pk_index_queue"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_posts",
        sa.Column("document_id", _ID, autoincrement=False, nullable=False),
        sa.Column("codes", sa.LargeBinary().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_search_posts"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE search_index USING fts5 (codes, content='', columnsize=0, tokenize='ascii')")
        # Twice the parts before they are merged: a fifth less work for the index step, nothing felt by a search.
        op.execute("INSERT INTO search_index (search_index, rank) VALUES ('automerge', 8)")
    else:
        op.create_index("ix_search_posts_codes", "search_posts", ["codes"], postgresql_using="gin")
