"""Up to which label each classifier version has learnt: what came later can judge it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; versions of before may have learnt from any label that was there."""
    op.add_column("models", sa.Column("learnt_to", sa.BigInteger(), nullable=True))
    op.execute("UPDATE models SET learnt_to = (SELECT coalesce(max(label_id), 0) FROM labels)")
