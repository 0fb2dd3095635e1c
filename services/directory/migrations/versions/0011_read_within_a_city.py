"""Who reads for a city sees its people, and what they did there, alone."""

from alembic import op

from chassis.row_security import IN_SCOPE, leave_open, protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


# Consultants of all cities work in each, and a city sees who may work there.
_GRANTS = f"({IN_SCOPE}) OR (city_id IS NULL AND role = 'consultant')"
_PERSONS = "EXISTS (SELECT FROM role_grant WHERE role_grant.person_id = person.id)"


def upgrade() -> None:
    for table in (
        "api_key",
        "audit_entry",
        "claim",
        "claim_dispute",
        "import_job",
        "invitation",
        "invitation_run",
    ):
        protect(op, "directory", table)
    protect(op, "directory", "role_grant", _GRANTS)
    protect(op, "directory", "person", _PERSONS)  # by the grants that are shown
    for table in ("city", "city_nis_code", "district", "merchant", "merchant_version"):
        leave_open(op, "directory", table)
