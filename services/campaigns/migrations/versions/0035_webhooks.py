"""Webhooks: endpoints of cities' own systems, what they are told, and each attempt to tell them."""

from alembic import op

from chassis.row_security import protect

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE webhook_endpoint (
        id             uuid CONSTRAINT webhook_endpoint_pkey PRIMARY KEY,
        city_id        uuid NOT NULL,
        url            text NOT NULL,
        description    text NOT NULL,
        types          text[] NOT NULL,
        made_by        uuid,
        made_at        timestamptz NOT NULL,
        secret         bytea NOT NULL,
        former_secret  bytea,
        former_until   timestamptz,
        failures       integer NOT NULL,
        failing_since  timestamptz,
        rests_until    timestamptz,
        disabled       text CONSTRAINT webhook_endpoint_disabled_check
                       CHECK (disabled IN ('by-officer', 'failing', 'gone')),
        lease          uuid,
        leased_until   timestamptz,
        CONSTRAINT webhook_endpoint_former_check CHECK ((former_secret IS NULL) = (former_until IS NULL)),
        CONSTRAINT webhook_endpoint_lease_check CHECK ((lease IS NULL) = (leased_until IS NULL)),
        CONSTRAINT webhook_endpoint_failing_check CHECK ((failures = 0) = (failing_since IS NULL))
    )
    """,
    "CREATE INDEX webhook_endpoint_by_city ON webhook_endpoint (city_id, id)",
    """
    CREATE TABLE webhook_message (
        id           uuid,
        city_id      uuid,
        type         text NOT NULL,
        merchant_id  uuid,
        at           timestamptz NOT NULL,
        body         bytea NOT NULL,
        CONSTRAINT webhook_message_pkey PRIMARY KEY (id, city_id)
    )
    """,
    "CREATE INDEX webhook_message_by_time ON webhook_message (city_id, at)",
    "CREATE INDEX webhook_message_of_merchant ON webhook_message (merchant_id)",
    """
    CREATE TABLE webhook_delivery (
        id               uuid CONSTRAINT webhook_delivery_pkey PRIMARY KEY,
        city_id          uuid NOT NULL,
        endpoint_id      uuid NOT NULL CONSTRAINT webhook_delivery_endpoint_id_fkey
                         REFERENCES webhook_endpoint (id) ON DELETE CASCADE,
        message_id       uuid NOT NULL,
        state            text NOT NULL CONSTRAINT webhook_delivery_state_check
                         CHECK (state IN ('pending', 'delivered', 'given-up')),
        attempts         smallint NOT NULL,
        queued_at        timestamptz NOT NULL,
        next_attempt_at  timestamptz,
        CONSTRAINT webhook_delivery_pending_check CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL)),
        CONSTRAINT webhook_delivery_message_id_city_id_fkey FOREIGN KEY (message_id, city_id)
            REFERENCES webhook_message (id, city_id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX webhook_delivery_of_endpoint ON webhook_delivery (endpoint_id, id)",
    "CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (endpoint_id, message_id)",
    "CREATE INDEX webhook_delivery_of_message ON webhook_delivery (message_id, city_id)",
    "CREATE INDEX webhook_delivery_by_time ON webhook_delivery (queued_at)",
    """
    CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, next_attempt_at)
        WHERE state = 'pending'
    """,
    """
    CREATE TABLE webhook_attempt (
        id            uuid CONSTRAINT webhook_attempt_pkey PRIMARY KEY,
        city_id       uuid NOT NULL,
        delivery_id   uuid NOT NULL CONSTRAINT webhook_attempt_delivery_id_fkey
                      REFERENCES webhook_delivery (id) ON DELETE CASCADE,
        at            timestamptz NOT NULL,
        milliseconds  integer NOT NULL,
        status        smallint,
        error         text,
        answer        text NOT NULL,
        CONSTRAINT webhook_attempt_outcome_check CHECK ((status IS NULL) = (error IS NOT NULL))
    )
    """,
    "CREATE INDEX webhook_attempt_of_delivery ON webhook_attempt (delivery_id, id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("webhook_endpoint", "webhook_message", "webhook_delivery", "webhook_attempt"):
        protect(op, "campaigns", table)


def downgrade() -> None:
    raise NotImplementedError("endpoints and what they were told would be lost: restore a backup instead")
