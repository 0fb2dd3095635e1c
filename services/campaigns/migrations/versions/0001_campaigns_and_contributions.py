"""Campaigns, ambassadors, contributions, and what is known of places."""

from alembic import op

from chassis import schema

revision = "0001"
down_revision = None

_TABLES = (
    """
    CREATE TABLE campaign (
        id            uuid CONSTRAINT campaign_pkey PRIMARY KEY,
        city_id       uuid NOT NULL,
        name          text NOT NULL,
        description   text NOT NULL,
        languages     text[] NOT NULL,
        starts_at     timestamptz NOT NULL,
        ends_at       timestamptz NOT NULL,
        district_ids  uuid[] NOT NULL,
        kinds         text[] NOT NULL,
        question      text,
        state         text NOT NULL,
        version       integer NOT NULL,
        started_at    timestamptz,
        ended_at      timestamptz,
        CONSTRAINT campaign_state_check CHECK (state IN ('draft', 'scheduled', 'running', 'ended')),
        CONSTRAINT campaign_lasts_check CHECK (starts_at < ends_at),
        CONSTRAINT campaign_ended_check CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
        CONSTRAINT campaign_started_check CHECK (state <> 'running' OR started_at IS NOT NULL)
    )
    """,
    "CREATE INDEX campaign_by_city ON campaign (city_id, id)",
    "CREATE INDEX campaign_running ON campaign (city_id) WHERE state = 'running'",
    "CREATE INDEX campaign_due_to_start ON campaign (starts_at) WHERE state = 'scheduled'",
    "CREATE INDEX campaign_due_to_end ON campaign (ends_at) WHERE state IN ('scheduled', 'running')",
    """
    CREATE TABLE campaign_change (
        campaign_id  uuid NOT NULL CONSTRAINT campaign_change_campaign_id_fkey REFERENCES campaign (id),
        version      integer NOT NULL,
        state        text NOT NULL,
        at           timestamptz NOT NULL,
        person_id    uuid,
        CONSTRAINT campaign_change_pkey PRIMARY KEY (campaign_id, version),
        CONSTRAINT campaign_change_state_check CHECK (state IN ('draft', 'scheduled', 'running', 'ended'))
    )
    """,
    "CREATE INDEX campaign_change_by_time ON campaign_change (at)",
    """
    CREATE TABLE contributor (
        person_id       uuid CONSTRAINT contributor_pkey PRIMARY KEY,
        contributor_id  uuid NOT NULL CONSTRAINT contributor_contributor_id_key UNIQUE
    )
    """,
    """
    CREATE TABLE enrolment (
        id              uuid CONSTRAINT enrolment_pkey PRIMARY KEY,
        city_id         uuid NOT NULL,
        campaign_id     uuid NOT NULL CONSTRAINT enrolment_campaign_id_fkey REFERENCES campaign (id),
        contributor_id  uuid NOT NULL,
        enrolled_at     timestamptz NOT NULL,
        CONSTRAINT enrolment_campaign_id_contributor_id_key UNIQUE (campaign_id, contributor_id)
    )
    """,
    "CREATE INDEX enrolment_by_time ON enrolment (enrolled_at)",
    """
    CREATE TABLE contribution (
        id                   uuid CONSTRAINT contribution_pkey PRIMARY KEY,
        city_id              uuid NOT NULL,
        merchant_id          uuid NOT NULL,
        contributor_id       uuid NOT NULL,
        kind                 text NOT NULL,
        slot                 text,
        campaign_id          uuid,
        reason               text,
        counts_for_audience  boolean NOT NULL,
        posted_at            timestamptz NOT NULL,
        withdrawn_at         timestamptz,
        CONSTRAINT contribution_campaign_or_reason_check
            CHECK ((campaign_id IS NULL) = (reason IS NOT NULL))
    )
    """,
    "CREATE INDEX contribution_by_merchant ON contribution (merchant_id, kind, id)",
    "CREATE INDEX contribution_by_author ON contribution (contributor_id, id)",
    """
    CREATE UNIQUE INDEX contribution_once ON contribution (contributor_id, merchant_id, kind, slot)
    WHERE withdrawn_at IS NULL
    """,
    """
    CREATE INDEX contribution_by_withdrawal ON contribution (withdrawn_at) WHERE withdrawn_at IS NOT NULL
    """,
    """
    CREATE TABLE review (
        contribution_id  uuid CONSTRAINT review_pkey PRIMARY KEY
                         CONSTRAINT review_contribution_id_fkey REFERENCES contribution (id),
        rating           smallint NOT NULL,
        text             text NOT NULL,
        language         text,
        tie              text NOT NULL,
        CONSTRAINT review_rating_check CHECK (rating BETWEEN 1 AND 5)
    )
    """,
    """
    CREATE TABLE share (
        contribution_id  uuid CONSTRAINT share_pkey PRIMARY KEY
                         CONSTRAINT share_contribution_id_fkey REFERENCES contribution (id),
        channel          text NOT NULL,
        day              date NOT NULL
    )
    """,
    """
    CREATE TABLE known_city (
        id        uuid CONSTRAINT known_city_pkey PRIMARY KEY,
        version   bigint NOT NULL,
        nis_code  text NOT NULL
    )
    """,
    """
    CREATE TABLE known_district (
        id       uuid CONSTRAINT known_district_pkey PRIMARY KEY,
        city_id  uuid NOT NULL,
        version  bigint NOT NULL,
        polygon  jsonb NOT NULL
    )
    """,
    """
    CREATE TABLE known_merchant (
        id               uuid CONSTRAINT known_merchant_pkey PRIMARY KEY,
        city_id          uuid NOT NULL,
        setting_version  bigint,
        kind             text,
        longitude        double precision,
        latitude         double precision,
        district_ids     uuid[],
        closed_version   bigint,
        CONSTRAINT known_merchant_setting_is_whole_check
            CHECK (num_nulls(setting_version, kind, longitude, latitude, district_ids) IN (0, 5)),
        CONSTRAINT known_merchant_something_is_known_check
            CHECK (num_nonnulls(setting_version, closed_version) > 0)
    )
    """,
)


def upgrade() -> None:
    """Create everything."""
    schema.create_v1(op)
    for statement in _TABLES:
        op.execute(statement)
