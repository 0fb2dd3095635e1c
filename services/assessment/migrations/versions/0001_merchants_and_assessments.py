"""Which merchants there are, and what they handed in."""

from alembic import op

from chassis import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE merchants (
        merchant_id     uuid NOT NULL PRIMARY KEY,
        city_id         uuid NOT NULL,
        listed_version  integer NOT NULL,
        closed_version  integer NOT NULL
    )
    """,
    "COMMENT ON COLUMN merchants.listed_version IS 'newest version that listed it; 0: not yet'",
    "COMMENT ON COLUMN merchants.closed_version IS 'newest version that closed it; 0: never'",
    """
    CREATE TABLE assessments (
        id                     uuid NOT NULL PRIMARY KEY,
        city_id                uuid NOT NULL,
        merchant_id            uuid NOT NULL,
        questionnaire          varchar NOT NULL,
        questionnaire_version  integer NOT NULL,
        answers                jsonb NOT NULL,
        score                  smallint NOT NULL
                               CONSTRAINT assessments_score_bounds CHECK (score BETWEEN 0 AND 100),
        dimensions             jsonb NOT NULL,
        recommendations        jsonb NOT NULL,
        completed_at           timestamptz NOT NULL,
        completed_by           uuid NOT NULL
    )
    """,
    "CREATE INDEX assessments_by_merchant ON assessments (merchant_id, id)",
)


def upgrade() -> None:
    schema.create_v1(op)
    for statement in _STATEMENTS:
        op.execute(statement)
