"""Regions and counties that posts name, and which posts were edited after their places were read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "post_areas",
        sa.Column("post_id", _ID, nullable=False),
        sa.Column("kind", _KEY, nullable=False),
        sa.Column("code", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_post_areas_post_id"),
        sa.PrimaryKeyConstraint("post_id", "kind", "code", name="pk_post_areas"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unplaced",
        sa.Column("post_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.post_id"], name="fk_unplaced_post_id"),
        sa.PrimaryKeyConstraint("post_id", name="pk_unplaced"),
    )
