"""Passkeys, and the challenges that they are to answer."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE passkey (
        id             uuid NOT NULL PRIMARY KEY,
        person_id      uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        credential_id  bytea NOT NULL UNIQUE,
        public_key     bytea NOT NULL,
        sign_count     bigint NOT NULL,
        is_synced      boolean NOT NULL,
        name           text NOT NULL,
        added_at       timestamptz NOT NULL,
        last_used_at   timestamptz
    )
    """,
    "CREATE INDEX passkey_person_id ON passkey (person_id)",
    """
    CREATE TABLE passkey_challenge (
        challenge   bytea NOT NULL PRIMARY KEY,
        purpose     text NOT NULL CHECK (purpose IN ('add', 'second factor', 'sign in')),
        session_id  uuid REFERENCES session (id) ON DELETE CASCADE,
        expires_at  timestamptz NOT NULL,
        CHECK ((session_id IS NULL) = (purpose = 'sign in'))
    )
    """,
    "CREATE INDEX passkey_challenge_expires_at ON passkey_challenge (expires_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("people would lose what they prove with: restore a backup instead")
