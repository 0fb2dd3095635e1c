"""Each week is looked at once for unusual rises."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE judged_week (
            week            date CONSTRAINT judged_week_pkey PRIMARY KEY,
            after_merchant  uuid,
            done_at         timestamptz
        )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE judged_week")
