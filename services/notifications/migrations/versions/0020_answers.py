"""Which reviews a shop has answered."""

from alembic import op

from chassis.row_security import protect

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE answer (
            answer_id        uuid PRIMARY KEY,
            city_id          uuid NOT NULL,
            merchant_id      uuid NOT NULL,
            contribution_id  uuid NOT NULL,
            removed          boolean NOT NULL
        )
    """)
    op.execute("CREATE INDEX answer_to ON answer (contribution_id)")
    op.execute("CREATE INDEX answer_of ON answer (merchant_id)")
    protect(op, "notifications", "answer", "false")  # read for nobody's city


def downgrade() -> None:
    raise NotImplementedError("a service's data is not thrown away by a step back: restore a backup")
