"""When and where campaigns run: what comes after one is no fall, and its end is told with its results."""

from alembic import op

from chassis.row_security import protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE campaign (
            campaign_id   uuid CONSTRAINT campaign_pkey PRIMARY KEY,
            city_id       uuid NOT NULL,
            version       integer NOT NULL,
            city_ids      uuid[],
            district_ids  uuid[],
            kinds         text[],
            merchant_ids  uuid[],
            starts_at     timestamptz,
            ends_at       timestamptz,
            ended_at      timestamptz
        )
    """)
    protect(op, "notifications", "campaign")


def downgrade() -> None:
    op.execute("DROP TABLE campaign")
