"""Who reads for a city sees its assessments alone."""

from alembic import op

from chassis.row_security import leave_open, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    protect(op, "assessment", "assessments")
    leave_open(op, "assessment", "merchants")
