"""Keys of cities' own systems."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE api_key (
        id               uuid NOT NULL PRIMARY KEY,
        city_id          uuid NOT NULL REFERENCES city (id),
        name             text NOT NULL,
        scopes           text[] NOT NULL CHECK (cardinality(scopes) > 0),
        district_id      uuid REFERENCES district (id),
        secret_hash      bytea NOT NULL CHECK (length(secret_hash) = 32),
        made_by          uuid REFERENCES person (id) ON DELETE SET NULL,
        made_at          timestamptz NOT NULL,
        expires_at       timestamptz NOT NULL,
        revoked_at       timestamptz,
        last_used_at     timestamptz,
        window_began_at  timestamptz,
        window_tokens    integer NOT NULL CHECK (window_tokens >= 0)
    )
    """,
    "CREATE INDEX api_key_city_id ON api_key (city_id, id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("keys would be lost: restore a backup instead")
