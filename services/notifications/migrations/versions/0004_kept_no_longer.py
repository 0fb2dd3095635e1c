"""Erasures that are not done on the bus, and what was deleted because its time was over."""

from alembic import op

from chassis import schema

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.alter_to_v3(op)


def downgrade() -> None:
    raise NotImplementedError("erasures that are not done would be taken for done: restore a backup instead")
