"""On which days a city was told how much waits for a decision."""

from alembic import op

from chassis.row_security import protect

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE moderation_wait (
        id            uuid CONSTRAINT moderation_wait_pkey PRIMARY KEY,
        city_id       uuid NOT NULL,
        day           date NOT NULL,
        held          integer NOT NULL,
        reported      integer NOT NULL,
        appeals       integer NOT NULL,
        overdue       integer NOT NULL,
        oldest_since  timestamptz NOT NULL,
        at            timestamptz NOT NULL,
        CONSTRAINT moderation_wait_city_id_day_key UNIQUE (city_id, day)
    )
    """,
    "CREATE INDEX moderation_wait_by_time ON moderation_wait (at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "moderation_wait")


def downgrade() -> None:
    raise NotImplementedError("what was told would be told again: restore a backup instead")
