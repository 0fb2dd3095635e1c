"""Open sources are watched for a city: what officers chose, how it went last, what each source shows."""

from alembic import op

from chassis.row_security import protect

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE watched_source (
        id             uuid CONSTRAINT watched_source_pkey PRIMARY KEY,
        city_id        uuid NOT NULL,
        kind           text NOT NULL,
        address        text NOT NULL,
        tag            text NOT NULL,
        added_at       timestamptz NOT NULL,
        due_at         timestamptz NOT NULL,
        looked_at      timestamptz,
        trouble        text,
        failures       integer NOT NULL,
        etag           text,
        last_modified  text,
        CONSTRAINT watched_source_once UNIQUE (city_id, kind, address, tag),
        CONSTRAINT watched_source_kind_check CHECK (kind IN ('mangrove', 'fediverse', 'feed')),
        CONSTRAINT watched_source_trouble_has_failures_check CHECK ((trouble IS NULL) = (failures = 0))
    )
    """,
    "CREATE INDEX watched_source_due ON watched_source (due_at, id)",
    """
    CREATE TABLE watched_item (
        source_id   uuid NOT NULL CONSTRAINT watched_item_source_id_fkey REFERENCES watched_source (id),
        url         text NOT NULL,
        post_id     uuid NOT NULL,
        city_id     uuid NOT NULL,
        posted_at   timestamptz,
        checked_at  timestamptz NOT NULL,
        CONSTRAINT watched_item_pkey PRIMARY KEY (source_id, url)
    )
    """,
    "CREATE INDEX watched_item_by_post ON watched_item (post_id)",
    "CREATE INDEX watched_item_by_check ON watched_item (source_id, checked_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    for table in ("watched_source", "watched_item"):
        protect(op, "campaigns", table)


def downgrade() -> None:
    raise NotImplementedError("what is watched would be lost: restore a backup instead")
