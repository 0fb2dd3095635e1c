"""A city's assessments of a month are looked up: without, each month that is closed reads all there are."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX assessments_by_city ON assessments (city_id, completed_at)")


def downgrade() -> None:
    op.execute("DROP INDEX assessments_by_city")
