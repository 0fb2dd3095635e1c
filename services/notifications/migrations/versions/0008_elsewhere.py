"""What is seen of merchants on other platforms, beside their audience."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE seen_elsewhere (
            seen_id      uuid CONSTRAINT seen_elsewhere_pkey PRIMARY KEY,
            merchant_id  uuid NOT NULL,
            city_id      uuid NOT NULL,
            version      integer NOT NULL,
            shown        boolean NOT NULL,
            platform     text,
            source       text,
            what         text,
            day          date,
            figure       double precision,
            scale        smallint
        )
    """)
    op.execute("CREATE INDEX seen_elsewhere_by_merchant ON seen_elsewhere (merchant_id)")


def downgrade() -> None:
    op.execute("DROP TABLE seen_elsewhere")
