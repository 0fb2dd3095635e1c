"""Mails on their way."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE mail (
        id           uuid NOT NULL PRIMARY KEY,
        recipient    text NOT NULL,
        language     text NOT NULL,
        kind         text NOT NULL,
        data         jsonb NOT NULL,
        created_at   timestamptz NOT NULL,
        due_at       timestamptz NOT NULL,
        expires_at   timestamptz NOT NULL,
        attempts     integer NOT NULL,
        traceparent  text
    )
    """,
    "CREATE INDEX mail_due_at ON mail (due_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("mails on their way would be lost: let them be sent first")
