"""Corrections of the directory: whose they are, and what became of them there."""

from alembic import op

from chassis.row_security import protect

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE correction_receipt (
            receipt_id      uuid CONSTRAINT correction_receipt_pkey PRIMARY KEY,
            city_id         uuid NOT NULL,
            merchant_id     uuid NOT NULL,
            contributor_id  uuid,
            campaign_id     uuid CONSTRAINT correction_receipt_campaign_id_fkey REFERENCES campaign (id),
            handed_in_at    timestamptz,
            correction_id   uuid,
            version         integer NOT NULL,
            stands          boolean,
            CONSTRAINT correction_receipt_halves_check CHECK (
                num_nulls(contributor_id, campaign_id, handed_in_at) IN (0, 3)
                AND (version = 0) = (correction_id IS NULL) AND (version = 0) = (stands IS NULL))
        )
    """)
    op.execute(
        "CREATE INDEX correction_receipt_of_ambassador ON correction_receipt (contributor_id, receipt_id)"
    )
    protect(op, "campaigns", "correction_receipt")


def downgrade() -> None:
    raise NotImplementedError("whose corrections are would be forgotten: restore a backup instead")
