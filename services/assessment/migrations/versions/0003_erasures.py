"""Who is to stay forgotten, and assessments without whoever handed them in."""

from alembic import op

from chassis import schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.alter_to_v2(op)
    op.execute("ALTER TABLE assessments ALTER COLUMN completed_by DROP NOT NULL")


def downgrade() -> None:
    raise NotImplementedError("who is to stay forgotten would be lost: restore a backup instead")
