"""Districts that a city has no more: campaigns in them go on, and none begins."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE known_district ADD COLUMN removed boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    raise NotImplementedError(
        "campaigns could be planned in districts that are no more: restore a backup instead"
    )
