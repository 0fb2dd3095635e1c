"""A study also counts who opened what they were told, and who came to a training; that can be corrected."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE outcome_fact
            ADD COLUMN version integer NOT NULL DEFAULT 1,
            DROP CONSTRAINT outcome_fact_kind_check,
            ADD CONSTRAINT outcome_fact_kind_check
                CHECK (kind IN ('claim', 'assessment', 'training-request', 'told', 'opened', 'trained'))
        """
    )
    op.execute("ALTER TABLE outcome_fact ALTER COLUMN version DROP DEFAULT")


def downgrade() -> None:
    raise NotImplementedError("what was counted since would be lost: restore a backup instead")
