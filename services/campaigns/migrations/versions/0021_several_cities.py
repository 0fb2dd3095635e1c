"""Campaigns of several cities: who was invited, and what they answered."""

from alembic import op

from chassis.row_security import leave_open

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE campaign_city (
            campaign_id  uuid NOT NULL CONSTRAINT campaign_city_campaign_id_fkey REFERENCES campaign (id),
            city_id      uuid NOT NULL,
            invited_at   timestamptz NOT NULL,
            accepted     boolean,
            answered_at  timestamptz,
            CONSTRAINT campaign_city_pkey PRIMARY KEY (campaign_id, city_id)
        )
    """)
    op.execute("CREATE INDEX campaign_city_by_city ON campaign_city (city_id)")
    leave_open(op, "campaigns", "campaign_city")


def downgrade() -> None:
    op.execute("DROP TABLE campaign_city")
