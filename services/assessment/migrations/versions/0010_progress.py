"""What shops declared done, what moved over many of them, and who was reminded."""

from alembic import op

from chassis.row_security import leave_open, protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE declared_done (
        assessment_id  uuid NOT NULL REFERENCES assessments (id) ON DELETE CASCADE,
        kind           text NOT NULL CONSTRAINT kind CHECK (kind IN ('action', 'training', 'tool')),
        key            text NOT NULL,
        city_id        uuid NOT NULL,
        done_on        date NOT NULL,
        PRIMARY KEY (assessment_id, kind, key)
    )
    """,
    """
    CREATE TABLE progress_blocks (
        id       uuid NOT NULL PRIMARY KEY,
        city_id  uuid NOT NULL,
        changes  jsonb NOT NULL
    )
    """,
    "CREATE INDEX progress_blocks_by_city ON progress_blocks (city_id)",
    """
    CREATE TABLE progress_members (
        assessment_id  uuid NOT NULL PRIMARY KEY,
        city_id        uuid NOT NULL,
        block_id       uuid NOT NULL REFERENCES progress_blocks (id)
    )
    """,
    """
    CREATE TABLE reassessments_due (
        assessment_id  uuid NOT NULL PRIMARY KEY REFERENCES assessments (id) ON DELETE CASCADE,
        city_id        uuid NOT NULL,
        merchant_id    uuid NOT NULL,
        completed_at   timestamptz NOT NULL,
        told_at        timestamptz NOT NULL
    )
    """,
    "CREATE INDEX assessments_by_merchant_and_time ON assessments (merchant_id, completed_at)",
    "CREATE INDEX assessments_by_time ON assessments (completed_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "assessment", "declared_done")
    leave_open(op, "assessment", "progress_blocks")


def downgrade() -> None:
    raise NotImplementedError("who was reminded would be reminded again: restore a backup instead")
