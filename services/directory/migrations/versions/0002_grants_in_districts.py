"""A role may hold within a district: that of an association's officer."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE role_grant ADD COLUMN district_id uuid REFERENCES district (id)",
    "ALTER TABLE role_grant DROP CONSTRAINT role_grant_once",
    """
    ALTER TABLE role_grant ADD CONSTRAINT role_grant_once
        UNIQUE NULLS NOT DISTINCT (person_id, role, city_id, merchant_id, district_id)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("districts of grants would be lost: restore a backup instead")
