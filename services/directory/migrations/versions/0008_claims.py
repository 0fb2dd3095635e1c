"""Printed invitations, claims and who confirmed them, disputes, wrong tries."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE invitation_run (
        id           uuid NOT NULL PRIMARY KEY,
        city_id      uuid NOT NULL REFERENCES city (id),
        district_id  uuid REFERENCES district (id),
        language     text NOT NULL CHECK (language IN ('fr', 'nl', 'de')),
        form         text NOT NULL CHECK (form IN ('letter', 'card')),
        state        text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'revoked')),
        total        integer NOT NULL,
        done         integer NOT NULL CHECK (done BETWEEN 0 AND total),
        trouble      text,
        asked_by     uuid REFERENCES person (id) ON DELETE SET NULL,
        asked_at     timestamptz NOT NULL,
        finished_at  timestamptz,
        sent_by      uuid REFERENCES person (id) ON DELETE SET NULL,
        sent_at      timestamptz
    )
    """,
    "CREATE INDEX invitation_run_unfinished ON invitation_run (id) WHERE state IN ('waiting', 'running')",
    "CREATE INDEX invitation_run_city ON invitation_run (city_id, id)",
    """
    CREATE TABLE invitation (
        id           uuid NOT NULL PRIMARY KEY,
        run_id       uuid NOT NULL REFERENCES invitation_run (id),
        city_id      uuid NOT NULL,
        merchant_id  uuid NOT NULL REFERENCES merchant (id),
        prepared_at  timestamptz,
        left_out     text,
        figures      jsonb,
        code_digest  bytea UNIQUE,
        page_digest  bytea UNIQUE,
        expires_at   timestamptz,
        revoked_at   timestamptz,
        used_at      timestamptz,
        used_by      uuid REFERENCES person (id) ON DELETE SET NULL,
        CHECK ((code_digest IS NULL) = (page_digest IS NULL)),
        CHECK ((code_digest IS NULL) = (expires_at IS NULL))
    )
    """,
    "CREATE INDEX invitation_in_run ON invitation (run_id, id)",
    "CREATE INDEX invitation_of_merchant ON invitation (merchant_id)",
    """
    CREATE UNIQUE INDEX invitation_live ON invitation (merchant_id)
     WHERE code_digest IS NOT NULL AND revoked_at IS NULL AND used_at IS NULL
    """,
    """
    CREATE TABLE claim (
        id             uuid NOT NULL PRIMARY KEY,
        city_id        uuid NOT NULL,
        merchant_id    uuid NOT NULL REFERENCES merchant (id),
        person_id      uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        at             timestamptz NOT NULL,
        how            text NOT NULL CHECK (how IN ('code', 'visit', 'enterprise_number')),
        confirmed_by   uuid REFERENCES person (id) ON DELETE SET NULL,
        invitation_id  uuid REFERENCES invitation (id)
    )
    """,
    "CREATE INDEX claim_of_merchant ON claim (merchant_id, id)",
    """
    CREATE TABLE claim_dispute (
        id             uuid NOT NULL PRIMARY KEY,
        city_id        uuid NOT NULL REFERENCES city (id),
        merchant_id    uuid NOT NULL REFERENCES merchant (id),
        claimant_id    uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        opened_at      timestamptz NOT NULL,
        how            text NOT NULL CHECK (how IN ('code', 'visit', 'enterprise_number')),
        confirmed_by   uuid REFERENCES person (id) ON DELETE SET NULL,
        invitation_id  uuid REFERENCES invitation (id),
        outcome        text CHECK (outcome IN ('owner_stays', 'shop_changes_hands')),
        reason         text,
        decided_at     timestamptz,
        decided_by     uuid REFERENCES person (id) ON DELETE SET NULL,
        CHECK ((decided_at IS NULL) = (outcome IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX claim_dispute_open ON claim_dispute (merchant_id) WHERE decided_at IS NULL",
    "CREATE INDEX claim_dispute_city ON claim_dispute (city_id, id)",
    "CREATE TABLE claim_salt (day date NOT NULL PRIMARY KEY, salt bytea NOT NULL)",
    """
    CREATE TABLE claim_try (
        day    date NOT NULL,
        key    bytea NOT NULL,
        wrong  integer NOT NULL,
        PRIMARY KEY (day, key)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("printed codes and claims would be lost: restore a backup instead")
