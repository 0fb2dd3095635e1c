"""Which shops come to a session, and which wait for a seat."""

from alembic import op

from chassis.row_security import protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE registrations (
        id             uuid NOT NULL PRIMARY KEY,
        session_id     uuid NOT NULL REFERENCES sessions (id),
        merchant_id    uuid NOT NULL,
        city_id        uuid NOT NULL,
        number         integer NOT NULL,
        is_waiting     boolean NOT NULL,
        registered_at  timestamptz NOT NULL,
        attended       boolean,
        CONSTRAINT registrations_once UNIQUE (session_id, merchant_id)
    )
    """,
    "CREATE UNIQUE INDEX registrations_in_order ON registrations (session_id, number)",
    "CREATE INDEX registrations_by_merchant ON registrations (merchant_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "assessment", "registrations")


def downgrade() -> None:
    raise NotImplementedError("who comes to which session would be lost: restore a backup instead")
