"""Second factors: authenticators, recovery codes, and when one was last given in a session."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE session ADD COLUMN strengthened_at timestamptz",
    "ALTER TABLE session DROP CONSTRAINT session_ended_by_check",
    "ALTER TABLE session ADD CHECK (ended_by IN ('person', 'reuse', 'reset'))",
    # A sign-in at a city's provider was one with a second factor from the start.
    "UPDATE session SET strengthened_at = began_at WHERE methods && ARRAY['otp', 'hwk', 'swk', 'mfa']",
    """
    CREATE TABLE authenticator (
        id             uuid NOT NULL PRIMARY KEY,
        person_id      uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        sealed_secret  bytea NOT NULL,
        set_up_at      timestamptz NOT NULL,
        confirmed_at   timestamptz,
        last_step      bigint,
        CHECK ((confirmed_at IS NULL) = (last_step IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX authenticator_once ON authenticator (person_id, (confirmed_at IS NULL))",
    """
    CREATE TABLE recovery_code (
        person_id  uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        hash       bytea NOT NULL,
        made_at    timestamptz NOT NULL,
        used_at    timestamptz,
        PRIMARY KEY (person_id, hash)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("staff would lose what they prove with: restore a backup instead")
