"""A notification is for a merchant or for a person: feeds, preferences and mails say which."""

from alembic import op

from chassis.row_security import IN_SCOPE, POLICY

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KINDS = "CHECK (recipient_kind IN ('merchant', 'person'))"
# Whoever reads for a city sees what its merchants were told; what a person was told is theirs alone.
_SHOWN = f"recipient_kind = 'merchant' AND {IN_SCOPE}"


def upgrade() -> None:
    for table in ("feed", "notification", "preference", "delivery"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN merchant_id TO recipient_id")
        op.execute(f"ALTER TABLE {table} ADD COLUMN recipient_kind text NOT NULL DEFAULT 'merchant' {_KINDS}")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN recipient_kind DROP DEFAULT")
    for table in ("feed", "preference"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey")
        op.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (recipient_kind, recipient_id)")
    op.execute("ALTER TABLE notification DROP CONSTRAINT notification_merchant_id_sequence_key")
    op.execute("ALTER TABLE notification DROP CONSTRAINT notification_merchant_id_kind_reason_key")
    op.execute("ALTER TABLE notification ADD UNIQUE (recipient_kind, recipient_id, sequence)")
    op.execute("ALTER TABLE notification ADD UNIQUE (recipient_kind, recipient_id, kind, reason)")
    op.execute("DROP INDEX notification_unread")
    op.execute("DROP INDEX delivery_waiting")
    recipient = "(recipient_kind, recipient_id)"
    op.execute(f"CREATE INDEX notification_unread ON notification {recipient} WHERE read_at IS NULL")
    op.execute(f"CREATE INDEX delivery_waiting ON delivery {recipient} WHERE state = 'pending'")
    # A person's choice holds in every city.
    op.execute("ALTER TABLE preference ALTER COLUMN city_id DROP NOT NULL")
    op.execute("ALTER TABLE preference ADD CHECK ((recipient_kind = 'merchant') = (city_id IS NOT NULL))")
    for table in ("notification", "preference", "delivery"):
        op.execute(f"ALTER POLICY {POLICY} ON {table} USING ({_SHOWN})")


def downgrade() -> None:
    raise NotImplementedError("a service's data is not thrown away by a step back: restore a backup")
