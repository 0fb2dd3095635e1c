"""Which shops got the seat that they waited for, and when."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Whoever moved up before this was told nothing, and is told nothing now.
    op.execute(
        """
        ALTER TABLE registrations
            ADD COLUMN seat_given_at timestamptz,
            ADD COLUMN told_starts_at timestamptz,
            ADD CONSTRAINT told CHECK ((seat_given_at IS NULL) = (told_starts_at IS NULL))
        """
    )


def downgrade() -> None:
    raise NotImplementedError("who was told would be told nothing more of it: restore a backup instead")
