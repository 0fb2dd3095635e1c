"""Who left by the link of a mail may come back by it, until something else is chosen."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE preference ADD COLUMN left_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE preference DROP COLUMN left_at")
