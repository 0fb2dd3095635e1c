"""Sign-ins under way at cities' identity providers, and whom their subjects are here."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE provider_sign_in (
        ticket_hash    bytea NOT NULL PRIMARY KEY CHECK (length(ticket_hash) = 32),
        city_id        uuid NOT NULL REFERENCES city (id),
        provider       text NOT NULL,
        state          text NOT NULL,
        nonce          text NOT NULL,
        code_verifier  text NOT NULL,
        person_id      uuid REFERENCES person (id) ON DELETE CASCADE,
        expires_at     timestamptz NOT NULL
    )
    """,
    "CREATE INDEX provider_sign_in_expires_at ON provider_sign_in (expires_at)",
    """
    CREATE TABLE external_identity (
        issuer        text NOT NULL,
        subject       text NOT NULL,
        city_id       uuid NOT NULL REFERENCES city (id),
        person_id     uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        linked_at     timestamptz NOT NULL,
        last_used_at  timestamptz NOT NULL,
        PRIMARY KEY (issuer, subject)
    )
    """,
    "CREATE INDEX external_identity_person_id ON external_identity (person_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("who is whom at a provider would be lost: restore a backup instead")
