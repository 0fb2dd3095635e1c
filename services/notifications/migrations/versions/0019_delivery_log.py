"""The log of messages is read by time; who has some sent again is kept."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "CREATE INDEX delivery_created ON delivery (created_at, id)",
    """
    CREATE INDEX delivery_failed ON delivery (finished_at)
    WHERE state = 'failed_for_good' OR state = 'suppressed' AND reason = 'address-suppressed'
    """,
    """
    CREATE TABLE delivery_replay (
        id           uuid PRIMARY KEY,
        at           timestamptz NOT NULL,
        by_person    uuid,
        delivery_id  uuid,
        since        timestamptz,
        until        timestamptz,
        deliveries   integer NOT NULL,
        CHECK ((delivery_id IS NULL) = (since IS NOT NULL AND until IS NOT NULL))
    )
    """,
    "CREATE INDEX delivery_replay_at ON delivery_replay (at, id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a service's data is not thrown away by a step back: restore a backup")
