"""A session that began with a passkey ends when that is removed."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE session DROP CONSTRAINT session_ended_by_check",
    "ALTER TABLE session ADD CHECK (ended_by IN ('person', 'reuse', 'reset', 'removal'))",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("sessions say why they ended: restore a backup instead")
