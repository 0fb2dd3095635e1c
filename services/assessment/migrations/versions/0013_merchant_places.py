"""Where merchants lie, and the order in which a call list is read."""

from alembic import op

from chassis.row_security import leave_open

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE merchant_places (
            merchant_id   uuid NOT NULL PRIMARY KEY,
            city_id       uuid NOT NULL,
            version       integer NOT NULL,
            longitude     double precision NOT NULL,
            latitude      double precision NOT NULL,
            district_ids  uuid[] NOT NULL
        )
        """
    )
    leave_open(op, "assessment", "merchant_places")
    op.execute(
        "CREATE INDEX training_requests_by_city ON training_requests (city_id, id) WHERE withdrawn_at IS NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX training_requests_by_city")
    op.execute("DROP TABLE merchant_places")
