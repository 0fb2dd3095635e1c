"""Cities, districts, merchants with their history, people and their roles."""

from alembic import op

from chassis import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE city (
        id                uuid NOT NULL CONSTRAINT city_pkey PRIMARY KEY,
        version           integer NOT NULL,
        joined_at         timestamptz NOT NULL,
        name_fr           text NOT NULL,
        name_nl           text NOT NULL,
        responsible_name  text,
        responsible_role  text,
        CHECK ((responsible_name IS NULL) = (responsible_role IS NULL))
    )
    """,
    """
    CREATE TABLE city_nis_code (
        city_id      uuid NOT NULL REFERENCES city (id),
        version      integer NOT NULL,
        at           timestamptz NOT NULL,
        valid_from   date NOT NULL,
        valid_until  date,
        nis_code     text NOT NULL CHECK (nis_code ~ '^[0-9]{5}$'),
        PRIMARY KEY (city_id, version),
        CHECK (valid_until >= valid_from)
    )
    """,
    "CREATE UNIQUE INDEX city_nis_code_now ON city_nis_code (nis_code) WHERE valid_until IS NULL",
    """
    CREATE TABLE district (
        id        uuid NOT NULL PRIMARY KEY,
        city_id   uuid NOT NULL REFERENCES city (id),
        version   integer NOT NULL,
        drawn_at  timestamptz NOT NULL,
        name      text NOT NULL,
        polygon   jsonb NOT NULL,
        UNIQUE (city_id, name)
    )
    """,
    """
    CREATE TABLE merchant (
        id              uuid NOT NULL PRIMARY KEY,
        city_id         uuid NOT NULL REFERENCES city (id),
        version         integer NOT NULL,
        kind            text NOT NULL,
        longitude       double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
        latitude        double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
        name            text,
        street          text,
        house_number    text,
        postcode        text,
        place           text,
        phone           text,
        website         text,
        opening_hours   text,
        district_ids    uuid[] NOT NULL,
        claimed         boolean NOT NULL,
        closed          boolean NOT NULL,
        source          text NOT NULL,
        source_id       text NOT NULL,
        source_details  jsonb NOT NULL,
        UNIQUE (city_id, source, source_id)
    )
    """,
    "CREATE INDEX merchant_city_page ON merchant (city_id, id)",
    """
    CREATE TABLE merchant_version (
        merchant_id   uuid NOT NULL REFERENCES merchant (id),
        version       integer NOT NULL,
        city_id       uuid NOT NULL,
        at            timestamptz NOT NULL,
        change        text NOT NULL CHECK (change IN ('listed', 'updated', 'claimed', 'closed')),
        kind          text NOT NULL,
        longitude     double precision NOT NULL,
        latitude      double precision NOT NULL,
        district_ids  uuid[] NOT NULL,
        PRIMARY KEY (merchant_id, version)
    )
    """,
    "CREATE INDEX merchant_version_at ON merchant_version (at)",
    """
    CREATE TABLE person (
        id            uuid NOT NULL PRIMARY KEY,
        display_name  text NOT NULL,
        email         text NOT NULL,
        language      text NOT NULL CHECK (language IN ('fr', 'nl', 'de', 'en')),
        created_at    timestamptz NOT NULL,
        demo_name     text UNIQUE
    )
    """,
    """
    CREATE TABLE role_grant (
        id           uuid NOT NULL PRIMARY KEY,
        person_id    uuid NOT NULL REFERENCES person (id),
        role         text NOT NULL,
        city_id      uuid REFERENCES city (id),
        merchant_id  uuid REFERENCES merchant (id),
        granted_at   timestamptz NOT NULL,
        CONSTRAINT role_grant_once UNIQUE NULLS NOT DISTINCT (person_id, role, city_id, merchant_id)
    )
    """,
    "CREATE INDEX role_grant_merchant_id ON role_grant (merchant_id) WHERE merchant_id IS NOT NULL",
)


def upgrade() -> None:
    schema.create_v1(op)
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first state has nothing before it: restore a backup instead")
