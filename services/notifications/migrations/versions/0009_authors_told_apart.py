"""Those who post about a shop are told apart, so that they can be counted: within that shop alone."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = ("audience_contribution_blue", "audience_contribution_green", "milestone_contribution")


def upgrade() -> None:
    # What was counted before has none until the audience is rebuilt.
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN author bigint")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN author")
