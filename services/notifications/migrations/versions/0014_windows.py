"""A message is one of a window (a notice, a day's digest); what decided about each notice is kept."""

from alembic import op

from chassis.row_security import IN_SCOPE, protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE preference ADD COLUMN choices jsonb NOT NULL DEFAULT '{}'",
    """
    CREATE TABLE decision (
        notification_id  uuid NOT NULL,
        channel          text NOT NULL,
        city_id          uuid NOT NULL,
        recipient_kind   text NOT NULL CHECK (recipient_kind IN ('merchant', 'person')),
        recipient_id     uuid NOT NULL,
        delivery_id      uuid,
        rules            text[] NOT NULL,
        decided_at       timestamptz NOT NULL,
        left_out         text,
        PRIMARY KEY (notification_id, channel)
    )
    """,
    """
    INSERT INTO decision (notification_id, channel, city_id, recipient_kind, recipient_id, delivery_id, rules,
                          decided_at)
    SELECT notification_id, channel, city_id, recipient_kind, recipient_id, id, '{before-choices}', created_at
    FROM delivery
    """,
    "CREATE INDEX decision_delivery ON decision (delivery_id)",
    "CREATE INDEX decision_recipient ON decision (recipient_kind, recipient_id)",
    "ALTER TABLE delivery DROP CONSTRAINT delivery_state_check",
    "ALTER TABLE delivery DROP CONSTRAINT delivery_check",
    "ALTER TABLE delivery DROP CONSTRAINT delivery_check1",
    "ALTER TABLE delivery DROP CONSTRAINT delivery_check2",
    'ALTER TABLE delivery ADD COLUMN "window" text',
    "UPDATE delivery SET \"window\" = 'notice:' || notification_id",
    "UPDATE delivery SET state = 'failed_for_good' WHERE state = 'failed'",
    "UPDATE delivery SET state = 'suppressed', reason = coalesce(reason, '-') WHERE state = 'cancelled'",
    'ALTER TABLE delivery ALTER COLUMN "window" SET NOT NULL',
    "ALTER TABLE delivery DROP COLUMN notification_id",
    """
    ALTER TABLE delivery ADD CHECK (
        state IN ('pending', 'sending', 'sent', 'failed_for_now', 'failed_for_good', 'suppressed'))
    """,
    "ALTER TABLE delivery ADD CHECK ("
    "(state IN ('pending', 'sending', 'failed_for_now')) = (due_at IS NOT NULL))",
    "ALTER TABLE delivery ADD CHECK ((due_at IS NULL) = (finished_at IS NOT NULL))",
    "ALTER TABLE delivery ADD CHECK ("
    "state NOT IN ('failed_for_now', 'failed_for_good', 'suppressed') OR reason IS NOT NULL)",
    'ALTER TABLE delivery ADD UNIQUE (recipient_kind, recipient_id, channel, "window")',
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "notifications", "decision", f"recipient_kind = 'merchant' AND {IN_SCOPE}")


def downgrade() -> None:
    raise NotImplementedError("a service's data is not thrown away by a step back: restore a backup")
