"""A request that was served is off the call list, and the same can be asked for again."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_OPEN = "WHERE withdrawn_at IS NULL AND served_at IS NULL"
_STATEMENTS = (
    "ALTER TABLE training_requests ADD COLUMN served_at timestamptz",
    "DROP INDEX training_requests_open",
    f"CREATE UNIQUE INDEX training_requests_open ON training_requests (merchant_id, wish) {_OPEN}",
    "DROP INDEX training_requests_by_city",
    f"CREATE INDEX training_requests_by_city ON training_requests (city_id, id) {_OPEN}",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("who was served would be called again: restore a backup instead")
