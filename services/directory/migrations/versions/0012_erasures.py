"""Who asked to be forgotten, and which owners have done so."""

from alembic import op

from chassis import schema

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE erasure (
        id                   uuid NOT NULL PRIMARY KEY,
        person_id            uuid NOT NULL,
        requested_at         timestamptz NOT NULL,
        closes_shops         boolean NOT NULL,
        confirmed_at         timestamptz,
        closed_merchant_ids  uuid[] NOT NULL,
        left_merchant_ids    uuid[] NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX erasure_once ON erasure (person_id) WHERE confirmed_at IS NOT NULL",
    """
    CREATE TABLE erasure_part (
        erasure_id  uuid NOT NULL,
        owner       text NOT NULL,
        done_at     timestamptz NOT NULL,
        PRIMARY KEY (erasure_id, owner)
    )
    """,
)


def upgrade() -> None:
    schema.alter_to_v2(op)
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("who is to stay forgotten would be lost: restore a backup instead")
