"""Browsers that somebody is told in (web push)."""

from alembic import op

from chassis.row_security import IN_SCOPE, protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE device (
            device_id         text NOT NULL,
            recipient_kind    text NOT NULL CHECK (recipient_kind IN ('merchant', 'person')),
            recipient_id      uuid NOT NULL,
            city_id           uuid,
            person_id         uuid NOT NULL,
            claimed_version   integer NOT NULL,
            endpoint          text NOT NULL,
            p256dh            text NOT NULL,
            auth              text NOT NULL,
            language          text NOT NULL,
            since             timestamptz NOT NULL,
            used_at           timestamptz NOT NULL,
            last_delivery_id  uuid,
            PRIMARY KEY (device_id, recipient_kind, recipient_id),
            CONSTRAINT device_of_a_city CHECK ((recipient_kind = 'merchant') = (city_id IS NOT NULL))
        )
    """)
    op.execute("CREATE INDEX device_recipient ON device (recipient_kind, recipient_id)")
    op.execute("CREATE INDEX device_used_at ON device (used_at)")
    protect(op, "notifications", "device", f"recipient_kind = 'merchant' AND {IN_SCOPE}")


def downgrade() -> None:
    op.execute("DROP TABLE device")
