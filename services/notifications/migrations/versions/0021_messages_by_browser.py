"""What became of a message in each browser; browsers whose push services only fail."""

from alembic import op

from chassis.row_security import IN_SCOPE, protect

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE delivery_device (
        delivery_id     uuid NOT NULL,
        device_id       text NOT NULL,
        city_id         uuid NOT NULL,
        recipient_kind  text NOT NULL CHECK (recipient_kind IN ('merchant', 'person')),
        recipient_id    uuid NOT NULL,
        taken           boolean NOT NULL,
        at              timestamptz NOT NULL,
        PRIMARY KEY (delivery_id, device_id)
    )
    """,
    "CREATE INDEX delivery_device_at ON delivery_device (at)",
    # Of what is on its way, so that nothing is sent twice because of the change.
    """
    INSERT INTO delivery_device
    SELECT last_delivery_id, device_id, delivery.city_id, delivery.recipient_kind, delivery.recipient_id,
           true, used_at
    FROM device JOIN delivery ON delivery.id = last_delivery_id
    WHERE due_at IS NOT NULL
    """,
    "ALTER TABLE device ADD COLUMN failing_since timestamptz, ADD COLUMN not_before timestamptz",
    "ALTER TABLE device DROP COLUMN last_delivery_id",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "notifications", "delivery_device", f"recipient_kind = 'merchant' AND {IN_SCOPE}")


def downgrade() -> None:
    raise NotImplementedError("a service's data is not thrown away by a step back: restore a backup")
