"""Who reads for a city sees its ambassadors and what they contributed alone."""

from alembic import op

from chassis.row_security import leave_open, protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("contribution", "enrolment"):
        protect(op, "campaigns", table)
    for table in ("review", "share"):
        shown = f"EXISTS (SELECT FROM contribution WHERE contribution.id = {table}.contribution_id)"
        protect(op, "campaigns", table, shown)  # a contribution that is not shown has no details either
    for table in ("campaign", "known_city", "known_district", "known_merchant"):
        leave_open(op, "campaigns", table)
