"""Sessions, and the forms that people hand in there without an account."""

from alembic import op

from chassis.row_security import leave_open

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE sessions (
        id                     uuid NOT NULL PRIMARY KEY,
        city_id                uuid NOT NULL,
        kind                   text NOT NULL,
        training               text,
        title                  text NOT NULL,
        place                  text NOT NULL,
        starts_at              timestamptz NOT NULL,
        ends_at                timestamptz NOT NULL,
        capacity               integer NOT NULL CONSTRAINT capacity CHECK (capacity > 0),
        language               text NOT NULL,
        questionnaire          text NOT NULL,
        questionnaire_version  integer NOT NULL,
        join_code              text,
        state                  text NOT NULL,
        version                integer NOT NULL,
        held_at                timestamptz,
        participants           integer,
        forms_when_held        integer,
        CONSTRAINT kind CHECK (kind IN ('awareness', 'training')),
        CONSTRAINT state CHECK (state IN ('announced', 'held', 'cancelled')),
        CONSTRAINT training CHECK ((kind = 'training') = (training IS NOT NULL)),
        CONSTRAINT lasts CHECK (starts_at < ends_at),
        CONSTRAINT held CHECK (
            (state = 'held')
            = (held_at IS NOT NULL AND participants IS NOT NULL AND forms_when_held IS NOT NULL)
        )
    )
    """,
    "CREATE INDEX sessions_by_time ON sessions (starts_at, id)",
    "CREATE INDEX sessions_by_city ON sessions (city_id, starts_at, id)",
    "CREATE UNIQUE INDEX sessions_join_code ON sessions (join_code)",
    "ALTER TABLE assessments ALTER COLUMN merchant_id DROP NOT NULL",
    "ALTER TABLE assessments ADD COLUMN session_id uuid REFERENCES sessions (id)",
    "ALTER TABLE assessments ADD COLUMN merchant_kind text",
    "CREATE INDEX assessments_by_session ON assessments (session_id) WHERE session_id IS NOT NULL",
    """
    CREATE TABLE form_secrets (
        assessment_id  uuid NOT NULL PRIMARY KEY REFERENCES assessments (id) ON DELETE CASCADE,
        city_id        uuid NOT NULL,
        digest         bytea NOT NULL,
        made_at        timestamptz NOT NULL
    )
    """,
    "CREATE INDEX form_secrets_by_time ON form_secrets (made_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    leave_open(op, "assessment", "sessions")


def downgrade() -> None:
    raise NotImplementedError("forms without a shop would be lost: restore a backup instead")
