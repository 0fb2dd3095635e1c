"""Signing in by mail, sessions with their refresh tokens, limits to trying; an address is one person's."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "UPDATE person SET email = lower(email) WHERE email <> lower(email)",
    "ALTER TABLE person ADD CONSTRAINT person_email_key UNIQUE (email)",
    "ALTER TABLE person ADD CONSTRAINT person_email_is_normal CHECK (email = lower(email))",
    "ALTER TABLE person ALTER COLUMN display_name DROP NOT NULL",
    """
    CREATE TABLE sign_in_request (
        id            uuid NOT NULL PRIMARY KEY,
        email         text NOT NULL,
        language      text NOT NULL,
        link_hash     bytea NOT NULL UNIQUE,
        browser_hash  bytea NOT NULL UNIQUE,
        code_hash     bytea NOT NULL,
        expires_at    timestamptz NOT NULL,
        tries         integer NOT NULL,
        used_at       timestamptz
    )
    """,
    """
    CREATE TABLE session (
        id           uuid NOT NULL PRIMARY KEY,
        person_id    uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        methods      text[] NOT NULL,
        device       text,
        began_at     timestamptz NOT NULL,
        used_at      timestamptz NOT NULL,
        expires_at   timestamptz NOT NULL,
        ended_at     timestamptz,
        ended_by     text CHECK (ended_by IN ('person', 'reuse')),
        CHECK ((ended_at IS NULL) = (ended_by IS NULL))
    )
    """,
    "CREATE INDEX session_person_id ON session (person_id)",
    """
    CREATE TABLE refresh_token (
        hash         bytea NOT NULL PRIMARY KEY,
        session_id   uuid NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        issued_at    timestamptz NOT NULL,
        replaced_at  timestamptz,
        salt         bytea,
        CHECK (salt IS NULL OR replaced_at IS NOT NULL)
    )
    """,
    "CREATE INDEX refresh_token_session_id ON refresh_token (session_id)",
    """
    CREATE TABLE limit_salt (
        day   date NOT NULL PRIMARY KEY,
        salt  bytea NOT NULL
    )
    """,
    """
    CREATE TABLE limit_count (
        what      text NOT NULL,
        who       bytea NOT NULL,
        began_at  timestamptz NOT NULL,
        count     integer NOT NULL,
        PRIMARY KEY (what, who, began_at)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("everybody would be logged out: restore a backup instead")
