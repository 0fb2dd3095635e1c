"""When an account was last used, and when its person was warned that it goes."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE person ADD COLUMN last_used_at timestamptz, ADD COLUMN warned_at timestamptz")
    # Sessions are forgotten, so that nobody knows when an account was used before: its time begins today.
    op.execute("UPDATE person SET last_used_at = now()")


def downgrade() -> None:
    raise NotImplementedError("accounts in use would count as unused: restore a backup instead")
