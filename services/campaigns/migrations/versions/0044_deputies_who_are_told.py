"""Which deputy city was told of the appeals that wait, and since when the oldest does."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE moderation_wait ADD COLUMN deputy_city_id uuid")
    op.execute("ALTER TABLE moderation_wait ADD COLUMN oldest_appeal_since timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE moderation_wait DROP COLUMN deputy_city_id, DROP COLUMN oldest_appeal_since")
