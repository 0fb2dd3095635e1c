"""Who is to stay forgotten: persons, and shops that were closed with them."""

from alembic import op

from chassis import schema

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.alter_to_v2(op)
    op.execute("CREATE TABLE erased_merchant (merchant_id uuid PRIMARY KEY)")


def downgrade() -> None:
    raise NotImplementedError("who is to stay forgotten would be lost: restore a backup instead")
