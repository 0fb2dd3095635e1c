"""What never arrived is found by its recipient: the next digest takes it along."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE INDEX delivery_undelivered ON delivery (recipient_kind, recipient_id)
        WHERE state = 'failed_for_good' OR state = 'suppressed' AND reason = 'address-suppressed'
    """)


def downgrade() -> None:
    op.execute("DROP INDEX delivery_undelivered")
