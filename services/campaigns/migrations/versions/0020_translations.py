"""Titles and descriptions of campaigns in several languages."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE campaign ADD COLUMN translations jsonb NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE campaign ALTER COLUMN translations DROP DEFAULT")


def downgrade() -> None:
    op.execute("ALTER TABLE campaign DROP COLUMN translations")
