"""In which session a request was served, so that a slip of who came can be put right."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE training_requests
            ADD COLUMN served_in uuid REFERENCES sessions (id),
            ADD CONSTRAINT served CHECK (served_in IS NULL OR served_at IS NOT NULL)
        """
    )


def downgrade() -> None:
    raise NotImplementedError("which requests a session served would be lost: restore a backup instead")
