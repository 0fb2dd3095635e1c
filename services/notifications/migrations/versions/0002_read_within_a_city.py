"""Who reads for a city sees what its merchants were told, and agreed to, alone."""

from alembic import op

from chassis.row_security import leave_open, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("advice", "delivery", "notification", "preference"):
        protect(op, "notifications", table)
    leave_open(op, "notifications", "merchant")
