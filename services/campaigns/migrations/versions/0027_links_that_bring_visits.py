"""What earns points without being a contribution: links of ambassadors that brought visits on a day."""

from alembic import op

from chassis.row_security import protect

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE deed (
            id              uuid CONSTRAINT deed_pkey PRIMARY KEY,
            city_id         uuid NOT NULL,
            campaign_id     uuid NOT NULL CONSTRAINT deed_campaign_id_fkey REFERENCES campaign (id),
            contributor_id  uuid NOT NULL,
            merchant_id     uuid,
            action          text NOT NULL CONSTRAINT deed_action_check
                            CHECK (action IN ('share', 'correction')),
            at              timestamptz NOT NULL,
            stands          boolean NOT NULL
        )
    """)
    op.execute("CREATE INDEX deed_of_ambassador ON deed (campaign_id, contributor_id, at)")
    protect(op, "campaigns", "deed")


def downgrade() -> None:
    raise NotImplementedError("what links brought would be forgotten: restore a backup instead")
