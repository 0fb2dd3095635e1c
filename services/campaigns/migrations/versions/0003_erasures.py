"""Who is to stay forgotten."""

from alembic import op

from chassis import schema

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what an erasure needs."""
    schema.alter_to_v2(op)
