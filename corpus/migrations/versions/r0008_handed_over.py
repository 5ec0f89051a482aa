"""How many posts of each network an export handed over, for the networks' limits."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; exports of before tell nothing."""
    op.add_column("exports", sa.Column("networks", sa.Text(), nullable=False, server_default="{}"))
