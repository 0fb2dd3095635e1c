"""Who objected is known again at its address, too: sources place a shop differently on the map."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE objection ADD COLUMN address_hash bytea")


def downgrade() -> None:
    op.execute("ALTER TABLE objection DROP COLUMN address_hash")
