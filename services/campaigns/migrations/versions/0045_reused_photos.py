"""Photos that a shop took for its own use, and how many of theirs somebody is thanked for in a week."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE photo ADD COLUMN reused_at timestamptz")
    op.execute("CREATE INDEX photo_by_reuse ON photo (reused_at) WHERE reused_at IS NOT NULL")
    op.execute("ALTER TABLE ambassador_week ADD COLUMN photos_reused integer NOT NULL DEFAULT 0")


def downgrade() -> None:
    raise NotImplementedError("nobody would know which photos shops use: restore a backup instead")
