"""Who took which file of what."""

from alembic import op

from chassis.row_security import protect

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE export (
            id           uuid CONSTRAINT export_pkey PRIMARY KEY,
            city_id      uuid NOT NULL,
            campaign_id  uuid,
            dataset      text NOT NULL,
            since        date,
            until        date,
            at           timestamptz NOT NULL,
            person_id    uuid
        )
    """)
    op.execute("CREATE INDEX export_by_city ON export (city_id, id)")
    protect(op, "campaigns", "export")


def downgrade() -> None:
    raise NotImplementedError("who took what would be forgotten: restore a backup instead")
