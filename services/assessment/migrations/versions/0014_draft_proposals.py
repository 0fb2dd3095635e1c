"""Shops that are not listed yet, proposed from drafts."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Not shown to who reads for a city: it is the draft's, and the directory shows officers what was proposed.
_STATEMENTS = (
    """
    CREATE TABLE draft_proposals (
        draft_id      uuid NOT NULL PRIMARY KEY REFERENCES drafts (id) ON DELETE CASCADE,
        id            uuid NOT NULL UNIQUE,
        city_id       uuid NOT NULL,
        name          varchar NOT NULL,
        street        varchar NOT NULL,
        house_number  varchar,
        postcode      varchar NOT NULL,
        kind          varchar NOT NULL,
        proposed_at   timestamptz NOT NULL,
        sent_at       timestamptz,
        next_try_at   timestamptz NOT NULL,
        decided_at    timestamptz,
        merchant_id   uuid,
        reason        varchar
    )
    """,
    "CREATE INDEX draft_proposals_to_send ON draft_proposals (next_try_at)"
    " WHERE sent_at IS NULL AND decided_at IS NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what people proposed would be lost: restore a backup instead")
