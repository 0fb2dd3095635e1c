"""What came of what ambassadors did, by week."""

from alembic import op

from chassis.row_security import protect

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE ambassador_week (
        id              uuid CONSTRAINT ambassador_week_pkey PRIMARY KEY,
        city_id         uuid NOT NULL,
        contributor_id  uuid NOT NULL,
        week            date NOT NULL,
        contributions   integer NOT NULL,
        answers         integer NOT NULL,
        visits          bigint NOT NULL,
        claims          integer NOT NULL,
        at              timestamptz NOT NULL,
        CONSTRAINT ambassador_week_contributor_id_city_id_week_key UNIQUE (contributor_id, city_id, week)
    )
    """,
    "CREATE INDEX ambassador_week_by_time ON ambassador_week (at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "ambassador_week")


def downgrade() -> None:
    raise NotImplementedError("people would be thanked again: restore a backup instead")
