"""As what kind of shop the directory lists a merchant, for reports."""

from alembic import op

from chassis.row_security import leave_open

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE listed_kinds (
            merchant_id  uuid NOT NULL PRIMARY KEY,
            city_id      uuid NOT NULL,
            version      integer NOT NULL,
            kind         text NOT NULL
        )
        """
    )
    leave_open(op, "assessment", "listed_kinds")


def downgrade() -> None:
    op.execute("DROP TABLE listed_kinds")
