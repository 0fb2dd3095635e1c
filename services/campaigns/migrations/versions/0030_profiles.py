"""Shops' profiles on other platforms."""

from alembic import op

from chassis.row_security import protect

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE merchant_profile (
            id           uuid CONSTRAINT merchant_profile_pkey PRIMARY KEY,
            city_id      uuid NOT NULL,
            merchant_id  uuid NOT NULL,
            platform     text NOT NULL,
            url          text NOT NULL,
            stated_by    text NOT NULL,
            stated_at    timestamptz NOT NULL,
            person_id    uuid,
            checked_at   timestamptz NOT NULL,
            checked_by   text NOT NULL,
            CONSTRAINT merchant_profile_merchant_id_url_key UNIQUE (merchant_id, url)
        )
    """)
    op.execute("CREATE INDEX merchant_profile_by_person ON merchant_profile (person_id)")
    protect(op, "campaigns", "merchant_profile")


def downgrade() -> None:
    op.execute("DROP TABLE merchant_profile")
