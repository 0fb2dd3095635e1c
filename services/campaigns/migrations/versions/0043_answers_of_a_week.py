"""What shops answered in a week is found by time: the weekly thanks read every answer that there ever was."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX answer_by_time ON answer (answered_at) WHERE removed_at IS NULL")


def downgrade() -> None:
    op.execute("DROP INDEX answer_by_time")
