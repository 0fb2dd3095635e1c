"""Which cities take part."""

from alembic import op

from chassis.row_security import leave_open

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE cities (city_id uuid NOT NULL PRIMARY KEY)")
    leave_open(op, "assessment", "cities")


def downgrade() -> None:
    op.execute("DROP TABLE cities")
