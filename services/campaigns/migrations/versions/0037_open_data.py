"""What was published of each month, which is never changed."""

from alembic import op

from chassis.row_security import leave_open

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE open_data_month (
            city_id    uuid NOT NULL,
            month      date NOT NULL,
            cells      jsonb NOT NULL,
            closed_at  timestamptz NOT NULL,
            CONSTRAINT open_data_month_pkey PRIMARY KEY (city_id, month)
        )
    """)
    leave_open(op, "campaigns", "open_data_month")


def downgrade() -> None:
    raise NotImplementedError("what was published would be published otherwise: restore a backup instead")
