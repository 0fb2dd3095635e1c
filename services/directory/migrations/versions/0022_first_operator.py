"""The first operator is invited by nobody."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE role_invitation ALTER COLUMN invited_by DROP NOT NULL")


def downgrade() -> None:
    op.execute("DELETE FROM role_invitation WHERE invited_by IS NULL")
    op.execute("ALTER TABLE role_invitation ALTER COLUMN invited_by SET NOT NULL")
