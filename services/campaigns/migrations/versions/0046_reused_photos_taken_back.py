"""Photos that a shop uses and whose author took them back, or was erased: the shop is told."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE photo ADD COLUMN taken_back_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE photo DROP COLUMN taken_back_at")
