"""Which rules of retention fail."""

from alembic import op

from chassis import schema

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.alter_to_v4(op)


def downgrade() -> None:
    op.execute("DROP TABLE retention_failure")
