"""News for people whom only another service knows wait until it has said who they are."""

from alembic import op

from chassis.row_security import protect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE unaddressed (
            id            uuid PRIMARY KEY,
            city_id       uuid NOT NULL,
            addressee     text NOT NULL,
            addressee_id  uuid NOT NULL,
            kind          text NOT NULL,
            reason        text NOT NULL,
            data          jsonb NOT NULL,
            caused_at     timestamptz NOT NULL,
            created_at    timestamptz NOT NULL,
            traceparent   text
        )
    """)
    op.execute("CREATE INDEX unaddressed_created ON unaddressed (created_at)")
    protect(op, "notifications", "unaddressed", "false")  # read for nobody's city


def downgrade() -> None:
    raise NotImplementedError("a service's data is not thrown away by a step back: restore a backup")
