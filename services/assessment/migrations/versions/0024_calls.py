"""What came of the latest call about a request, and the day that was agreed."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE training_requests
            ADD COLUMN called_at timestamptz,
            ADD COLUMN call_outcome varchar,
            ADD COLUMN call_next_on date,
            ADD CONSTRAINT called CHECK ((called_at IS NULL) = (call_outcome IS NULL))
        """
    )


def downgrade() -> None:
    raise NotImplementedError("what was agreed on the telephone would be lost: restore a backup instead")
