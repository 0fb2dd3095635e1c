"""What each change of a campaign changed; and when it was to end by then, which its events were told with."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE campaign_change ADD COLUMN changes jsonb NOT NULL DEFAULT '{}'",
    "ALTER TABLE campaign_change ADD COLUMN ends_at timestamptz",
    # What was announced could not change so far: every version was told with the same end.
    """
    UPDATE campaign_change SET ends_at = campaign.ends_at
    FROM campaign WHERE campaign.id = campaign_change.campaign_id
    """,
    "ALTER TABLE campaign_change ALTER COLUMN ends_at SET NOT NULL",
    "ALTER TABLE campaign_change ALTER COLUMN changes DROP DEFAULT",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("who changed what was announced would be lost: restore a backup instead")
