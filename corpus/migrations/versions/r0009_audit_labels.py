"""Which labels were given for the audit: for a post drawn at random, in ignorance of what was guessed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of the labels of before nobody knows, so that they count as chosen."""
    op.add_column("labels", sa.Column("audit", sa.Boolean(), nullable=False, server_default=sa.false()))
