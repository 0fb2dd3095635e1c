"""Shops that somebody misses in the directory, until the city's officers decide."""

from alembic import op

from chassis.row_security import protect

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE merchant_proposal (
            id            uuid NOT NULL PRIMARY KEY,
            city_id       uuid NOT NULL REFERENCES city (id),
            name          text,
            street        text,
            house_number  text,
            postcode      text,
            kind          text,
            proposed_at   timestamptz NOT NULL,
            state         text NOT NULL,
            merchant_id   uuid REFERENCES merchant (id),
            reason        text,
            decided_at    timestamptz,
            decided_by    uuid,
            CONSTRAINT merchant_proposal_decided CHECK (
                (state = 'proposed') = (decided_at IS NULL)
                AND (state = 'accepted') = (merchant_id IS NOT NULL)
                AND (state = 'refused') = (reason IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX merchant_proposal_city_page ON merchant_proposal (city_id, state, id)")
    protect(op, "directory", "merchant_proposal")


def downgrade() -> None:
    raise NotImplementedError("what people proposed would be lost: restore a backup instead")
