"""A merchant whose last owner was erased is released: nobody runs its account any more.

Those of before stay marked as claimed, though nobody runs them; whoever claims one has it all the same.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE merchant_version DROP CONSTRAINT merchant_version_change_check",
    """
    ALTER TABLE merchant_version ADD CONSTRAINT merchant_version_change_check
        CHECK (change IN ('listed', 'updated', 'claimed', 'closed', 'delisted', 'relisted', 'released'))
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("versions that were told would be lost: restore a backup instead")
