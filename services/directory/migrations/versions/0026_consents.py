"""Consents: dated, by version and language, with the age that was declared."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE consent (
        id            uuid NOT NULL PRIMARY KEY,
        person_id     uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        purpose       text NOT NULL,
        version       text NOT NULL,
        language      text NOT NULL,
        age           text NOT NULL CHECK (age IN ('13_or_older', '18_or_older')),
        given_at      timestamptz NOT NULL,
        withdrawn_at  timestamptz,
        CHECK (purpose <> 'public-ranking' OR age = '18_or_older')
    )
    """,
    "CREATE INDEX consent_of_person ON consent (person_id, id)",
    "CREATE UNIQUE INDEX consent_once ON consent (person_id, purpose) WHERE withdrawn_at IS NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what people agreed to would be lost: restore a backup instead")
