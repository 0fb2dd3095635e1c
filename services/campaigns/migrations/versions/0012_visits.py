"""Visits of links and shops' pages by day, without whose they were."""

from alembic import op

from chassis.row_security import protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE visit_day (
        subject_id     uuid NOT NULL,
        day            date NOT NULL,
        id             uuid NOT NULL CONSTRAINT visit_day_id_key UNIQUE,
        kind           text NOT NULL,
        city_id        uuid NOT NULL,
        merchant_id    uuid,
        campaign_id    uuid,
        visits         bigint NOT NULL,
        visitors       bigint NOT NULL,
        sketch         bytea,
        told_visits    bigint NOT NULL,
        told_visitors  bigint NOT NULL,
        told_version   integer NOT NULL,
        told_at        timestamptz,
        CONSTRAINT visit_day_pkey PRIMARY KEY (subject_id, day),
        CONSTRAINT visit_day_kind_check CHECK (kind IN ('page', 'shop', 'share', 'join')),
        CONSTRAINT visit_day_visitors_check CHECK (visitors <= visits),
        CONSTRAINT visit_day_told_check CHECK ((told_version = 0) = (told_at IS NULL))
    )
    """,
    "CREATE INDEX visit_day_by_merchant ON visit_day (merchant_id, day)",
    "CREATE INDEX visit_day_by_day ON visit_day (day)",
    """
    CREATE INDEX visit_day_to_tell ON visit_day (told_at)
    WHERE visits > told_visits AND kind <> 'page'
    """,
    "CREATE INDEX visit_day_told ON visit_day (told_at) WHERE told_at IS NOT NULL",
    """
    CREATE TABLE visit_salt (
        day   date CONSTRAINT visit_salt_pkey PRIMARY KEY,
        salt  bytea NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "visit_day")


def downgrade() -> None:
    raise NotImplementedError("what was counted would be lost: restore a backup instead")
