"""Answers that are not handed in yet, and how many of these a network begins."""

from alembic import op

from chassis import schema

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Not shown to who reads for a city: a draft is nobody's but its holder's.
_STATEMENTS = (
    """
    CREATE TABLE drafts (
        id                     uuid NOT NULL PRIMARY KEY,
        secret_hash            bytea NOT NULL,
        questionnaire          varchar NOT NULL,
        questionnaire_version  integer NOT NULL,
        answers                jsonb NOT NULL,
        version                integer NOT NULL,
        saved_at               timestamptz NOT NULL
    )
    """,
    "CREATE INDEX drafts_age ON drafts (saved_at)",
)


def upgrade() -> None:
    schema.create_limits(op)
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what people have begun would be lost: restore a backup instead")
