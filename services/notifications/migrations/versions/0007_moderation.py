"""What moderation took away does not count, until it is reinstated."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLES = ("audience_contribution_blue", "audience_contribution_green", "milestone_contribution")


def upgrade() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN standing_version integer NOT NULL DEFAULT 0")
        op.execute(f"ALTER TABLE {table} ADD COLUMN removed boolean NOT NULL DEFAULT false")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN standing_version DROP DEFAULT")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN removed DROP DEFAULT")
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_check")
        op.execute(f"ALTER TABLE {table} ADD CHECK (withdrawn OR standing_version > 0 OR day IS NOT NULL)")


def downgrade() -> None:
    raise NotImplementedError("what was removed would be counted again: restore a backup instead")
