"""The audience in two slots, milestones, feeds, preferences and mails."""

from alembic import op

from chassis import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_CONTRIBUTIONS = """
    CREATE TABLE {name} (
        merchant_id      uuid NOT NULL,
        contribution_id  uuid NOT NULL,
        city_id          uuid NOT NULL,
        kind             text NOT NULL,
        day              date,
        withdrawn        boolean NOT NULL,
        PRIMARY KEY (merchant_id, contribution_id),
        CHECK (withdrawn OR day IS NOT NULL)
    )
"""
_DAYS = """
    CREATE TABLE audience_day_{slot} (
        merchant_id  uuid NOT NULL,
        day          date NOT NULL,
        kind         text NOT NULL,
        city_id      uuid NOT NULL,
        count        integer NOT NULL,
        PRIMARY KEY (merchant_id, day, kind)
    )
"""
_STATEMENTS = (
    *(_CONTRIBUTIONS.format(name=f"audience_contribution_{slot}") for slot in ("blue", "green")),
    *(_DAYS.format(slot=slot) for slot in ("blue", "green")),
    """
    CREATE TABLE projection (
        name                text PRIMARY KEY,
        live_slot           text NOT NULL CHECK (live_slot IN ('blue', 'green')),
        live_generation     integer NOT NULL,
        last_generation     integer NOT NULL CHECK (last_generation >= live_generation),
        rebuild_generation  integer CHECK (rebuild_generation = last_generation),
        rebuild_started_at  timestamptz,
        switched_at         timestamptz,
        CHECK ((rebuild_generation IS NULL) = (rebuild_started_at IS NULL))
    )
    """,
    """
    INSERT INTO projection (name, live_slot, live_generation, last_generation)
    VALUES ('audience', 'blue', 1, 1)
    """,
    _CONTRIBUTIONS.format(name="milestone_contribution"),
    """
    CREATE TABLE milestone_count (
        merchant_id  uuid NOT NULL,
        kind         text NOT NULL,
        city_id      uuid NOT NULL,
        count        integer NOT NULL,
        PRIMARY KEY (merchant_id, kind)
    )
    """,
    """
    CREATE TABLE milestone (
        id           uuid PRIMARY KEY,
        city_id      uuid NOT NULL,
        merchant_id  uuid NOT NULL,
        kind         text NOT NULL,
        threshold    integer NOT NULL,
        reached_at   timestamptz NOT NULL,
        UNIQUE (merchant_id, kind, threshold)
    )
    """,
    """
    CREATE TABLE merchant (
        merchant_id      uuid PRIMARY KEY,
        city_id          uuid NOT NULL,
        public_version   integer NOT NULL,
        claimed_version  integer NOT NULL,
        closed_version   integer NOT NULL,
        kind             text,
        district_ids     uuid[] NOT NULL
    )
    """,
    "CREATE INDEX merchant_city ON merchant (city_id) WHERE claimed_version > 0",
    """
    CREATE TABLE advice (
        merchant_id    uuid PRIMARY KEY,
        city_id        uuid NOT NULL,
        assessment_id  uuid NOT NULL,
        completed_at   timestamptz NOT NULL,
        step           text,
        told_in        uuid
    )
    """,
    "CREATE TABLE feed (merchant_id uuid PRIMARY KEY, last_sequence bigint NOT NULL)",
    """
    CREATE TABLE notification (
        id           uuid PRIMARY KEY,
        city_id      uuid NOT NULL,
        merchant_id  uuid NOT NULL,
        sequence     bigint NOT NULL,
        kind         text NOT NULL,
        reason       text NOT NULL,
        data         jsonb NOT NULL,
        created_at   timestamptz NOT NULL,
        read_at      timestamptz,
        traceparent  text,
        UNIQUE (merchant_id, sequence),
        UNIQUE (merchant_id, kind, reason)
    )
    """,
    "CREATE INDEX notification_unread ON notification (merchant_id) WHERE read_at IS NULL",
    """
    CREATE TABLE preference (
        merchant_id        uuid PRIMARY KEY,
        city_id            uuid NOT NULL,
        version            integer NOT NULL,
        mail               boolean NOT NULL,
        agreed_at          timestamptz,
        language           text CHECK (language IN ('fr', 'nl', 'de', 'en')),
        unsubscribe_token  text NOT NULL UNIQUE,
        CHECK (mail = (agreed_at IS NOT NULL))
    )
    """,
    """
    CREATE TABLE delivery (
        id               uuid PRIMARY KEY,
        city_id          uuid NOT NULL,
        merchant_id      uuid NOT NULL,
        notification_id  uuid NOT NULL,
        channel          text NOT NULL,
        state            text NOT NULL
                         CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'cancelled')),
        due_at           timestamptz,
        attempts         integer NOT NULL,
        refused_since    timestamptz,
        reason           text,
        created_at       timestamptz NOT NULL,
        finished_at      timestamptz,
        traceparent      text,
        UNIQUE (notification_id, channel),
        CHECK ((state IN ('pending', 'sending')) = (due_at IS NOT NULL)),
        CHECK ((state IN ('pending', 'sending')) = (finished_at IS NULL)),
        CHECK (state <> 'failed' OR reason IS NOT NULL)
    )
    """,
    "CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX delivery_waiting ON delivery (merchant_id) WHERE state = 'pending'",
)


def upgrade() -> None:
    schema.create_v1(op)
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("a service's data is not thrown away by a step back: restore a backup")
