"""What a campaign asks of citizens, and what the policy check said of it when it was announced."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE campaign ADD COLUMN asks jsonb NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE campaign ALTER COLUMN asks DROP DEFAULT")
    op.execute("ALTER TABLE campaign ADD COLUMN legal_ground text")
    op.execute("ALTER TABLE campaign ADD COLUMN policy jsonb")


def downgrade() -> None:
    raise NotImplementedError("what was judged before publication would be lost: restore a backup instead")
