"""What merchants asked for: a training, or a consultant's visit."""

from alembic import op

from chassis.row_security import protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE training_requests (
            id            uuid NOT NULL PRIMARY KEY,
            city_id       uuid NOT NULL,
            merchant_id   uuid NOT NULL,
            wish          varchar NOT NULL,
            language      varchar NOT NULL,
            requested_at  timestamptz NOT NULL,
            requested_by  uuid NOT NULL,
            withdrawn_at  timestamptz
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX training_requests_open ON training_requests (merchant_id, wish)"
        " WHERE withdrawn_at IS NULL"
    )
    protect(op, "assessment", "training_requests")


def downgrade() -> None:
    raise NotImplementedError("consents to be contacted would be lost: restore a backup instead")
