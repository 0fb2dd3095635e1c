"""A campaign may be for chosen merchants, and each may opt out of one or of all of its city."""

from alembic import op

from chassis.row_security import protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE campaign ADD COLUMN merchant_ids uuid[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE campaign ALTER COLUMN merchant_ids DROP DEFAULT",
    # The default stays: the directory's news fill the other columns and know nothing of this one.
    "ALTER TABLE known_merchant ADD COLUMN opted_out_of uuid[] NOT NULL DEFAULT '{}'",
    "CREATE INDEX known_merchant_by_city ON known_merchant (city_id, id)",
    """
    CREATE TABLE opt_out (
        id            uuid CONSTRAINT opt_out_pkey PRIMARY KEY,
        city_id       uuid NOT NULL,
        merchant_id   uuid NOT NULL,
        campaign_id   uuid CONSTRAINT opt_out_campaign_id_fkey REFERENCES campaign (id),
        opted_out_at  timestamptz NOT NULL,
        CONSTRAINT opt_out_merchant_id_campaign_id_key UNIQUE NULLS NOT DISTINCT (merchant_id, campaign_id)
    )
    """,
    "CREATE INDEX opt_out_by_city ON opt_out (city_id, id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "opt_out")


def downgrade() -> None:
    raise NotImplementedError("shops that opted out would be taken in again: restore a backup instead")
