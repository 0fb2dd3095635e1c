"""Who follows which merchant."""

from alembic import op

from chassis.row_security import protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE following (
        id              uuid CONSTRAINT following_pkey PRIMARY KEY,
        city_id         uuid NOT NULL,
        merchant_id     uuid NOT NULL,
        contributor_id  uuid NOT NULL,
        followed_at     timestamptz NOT NULL,
        unfollowed_at   timestamptz
    )
    """,
    "CREATE INDEX following_by_person ON following (contributor_id, id)",
    "CREATE INDEX following_by_time ON following (followed_at)",
    """
    CREATE UNIQUE INDEX following_once ON following (merchant_id, contributor_id)
    WHERE unfollowed_at IS NULL
    """,
    "CREATE INDEX following_by_end ON following (unfollowed_at) WHERE unfollowed_at IS NOT NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "following")


def downgrade() -> None:
    raise NotImplementedError("who follows whom would be lost: restore a backup instead")
