"""Which assessment another one corrects."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE assessments ADD COLUMN corrects uuid")
    op.execute("CREATE UNIQUE INDEX assessments_corrected_once ON assessments (corrects)")


def downgrade() -> None:
    raise NotImplementedError("corrections would count beside what they correct: restore a backup instead")
