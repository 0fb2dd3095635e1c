"""Pilots have a rule for going on, set beforehand; what is over can be evaluated."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATES = "state IN ('draft', 'scheduled', 'running', 'ended', 'evaluated')"
_STATEMENTS = (
    "ALTER TABLE campaign ADD COLUMN go_if jsonb NOT NULL DEFAULT '[]'",
    "ALTER TABLE campaign ALTER COLUMN go_if DROP DEFAULT",
    "ALTER TABLE campaign ADD COLUMN evaluation jsonb",
    "ALTER TABLE campaign DROP CONSTRAINT campaign_state_check",
    f"ALTER TABLE campaign ADD CONSTRAINT campaign_state_check CHECK ({_STATES})",
    "ALTER TABLE campaign_change DROP CONSTRAINT campaign_change_state_check",
    f"ALTER TABLE campaign_change ADD CONSTRAINT campaign_change_state_check CHECK ({_STATES})",
    "ALTER TABLE campaign DROP CONSTRAINT campaign_ended_check",
    """
    ALTER TABLE campaign ADD CONSTRAINT campaign_ended_check
        CHECK ((state IN ('ended', 'evaluated')) = (ended_at IS NOT NULL))
    """,
    """
    ALTER TABLE campaign ADD CONSTRAINT campaign_evaluated_check
        CHECK ((state = 'evaluated') = (evaluation IS NOT NULL))
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("what cities concluded would be lost: restore a backup instead")
