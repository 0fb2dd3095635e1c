"""Invitations to roles."""

from alembic import op

from chassis.row_security import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE role_invitation (
        id              uuid NOT NULL PRIMARY KEY,
        role            text NOT NULL,
        city_id         uuid REFERENCES city (id),
        merchant_id     uuid REFERENCES merchant (id),
        district_id     uuid REFERENCES district (id),
        invited_by      uuid NOT NULL,
        handed_over_by  uuid,
        email           text,
        language        text NOT NULL CHECK (language IN ('fr', 'nl', 'de', 'en')),
        token_hash      bytea NOT NULL UNIQUE,
        state           text NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
        created_at      timestamptz NOT NULL,
        sent_at         timestamptz NOT NULL,
        expires_at      timestamptz NOT NULL,
        answered_at     timestamptz,
        accepted_by     uuid,
        CHECK ((state = 'open') = (email IS NOT NULL)),
        CHECK ((state = 'open') = (answered_at IS NULL)),
        CHECK ((state = 'accepted') = (accepted_by IS NOT NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX role_invitation_once
        ON role_invitation (email, role, city_id, merchant_id, district_id, handed_over_by)
        NULLS NOT DISTINCT WHERE state = 'open'
    """,
    "CREATE INDEX role_invitation_city_id ON role_invitation (city_id, id)",
    "CREATE INDEX role_invitation_invited_by ON role_invitation (invited_by, created_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "directory", "role_invitation")


def downgrade() -> None:
    raise NotImplementedError("invitations under way would be lost: restore a backup instead")
