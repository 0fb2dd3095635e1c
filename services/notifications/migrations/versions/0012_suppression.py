"""Addresses that no mail goes to, and which delivery went to which: hashes alone."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE suppression (
            address_hash  text CONSTRAINT suppression_pkey PRIMARY KEY,
            reason        text NOT NULL,
            status        text,
            since         timestamptz NOT NULL,
            delivery_id   uuid
        )
    """)
    op.execute("CREATE INDEX suppression_since ON suppression (since, address_hash)")
    op.execute("""
        CREATE TABLE mailed (
            delivery_id    uuid CONSTRAINT mailed_pkey PRIMARY KEY,
            address_hash   text NOT NULL,
            begun_at       timestamptz NOT NULL,
            bounced_at     timestamptz,
            bounce_status  text
        )
    """)
    op.execute("CREATE INDEX mailed_begun_at ON mailed (begun_at)")


def downgrade() -> None:
    op.execute("DROP TABLE mailed")
    op.execute("DROP TABLE suppression")
