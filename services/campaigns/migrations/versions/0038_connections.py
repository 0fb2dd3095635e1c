"""Merchants connect accounts on other platforms; what opens an account lies sealed."""

from alembic import op

from chassis.row_security import protect

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE connection (
        id            uuid CONSTRAINT connection_pkey PRIMARY KEY,
        city_id       uuid NOT NULL,
        merchant_id   uuid NOT NULL,
        connector     text NOT NULL,
        state         text NOT NULL,
        person_id     uuid,
        sealed_token  bytea,
        location      text,
        title         text,
        link          text,
        reason        text,
        connected_at  timestamptz NOT NULL,
        due_at        timestamptz,
        looked_at     timestamptz,
        trouble       text,
        failures      integer NOT NULL,
        CONSTRAINT connection_once UNIQUE (merchant_id, connector),
        CONSTRAINT connection_state_check
            CHECK (state IN ('choosing', 'connected', 'disconnected', 'leaving')),
        CONSTRAINT connection_token_while_it_holds_check
            CHECK ((sealed_token IS NULL) = (state = 'disconnected')),
        CONSTRAINT connection_connected_to_a_place_check CHECK (state <> 'connected' OR location IS NOT NULL)
    )
    """,
    "CREATE INDEX connection_due ON connection (due_at, id)",
    """
    CREATE TABLE connection_request (
        state_hash       bytea CONSTRAINT connection_request_pkey PRIMARY KEY,
        city_id          uuid NOT NULL,
        merchant_id      uuid NOT NULL,
        connector        text NOT NULL,
        person_id        uuid NOT NULL,
        sealed_verifier  bytea NOT NULL,
        asked_at         timestamptz NOT NULL
    )
    """,
    "CREATE INDEX connection_request_by_time ON connection_request (asked_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("connection", "connection_request"):
        protect(op, "campaigns", table)


def downgrade() -> None:
    raise NotImplementedError("accounts would have to be connected again: restore a backup instead")
