"""Short links: of ambassadors, and the permanent ones of shops and campaigns."""

from alembic import op

from chassis.row_security import protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE share_link (
        code            text CONSTRAINT share_link_pkey PRIMARY KEY,
        id              uuid NOT NULL CONSTRAINT share_link_id_key UNIQUE,
        city_id         uuid NOT NULL,
        kind            text NOT NULL,
        merchant_id     uuid,
        campaign_id     uuid CONSTRAINT share_link_campaign_id_fkey REFERENCES campaign (id),
        contributor_id  uuid,
        made_at         timestamptz NOT NULL,
        withdrawn_at    timestamptz,
        CONSTRAINT share_link_kind_check CHECK (kind IN ('share', 'shop', 'join')),
        CONSTRAINT share_link_one_target_check CHECK (num_nonnulls(merchant_id, campaign_id) = 1),
        CONSTRAINT share_link_share_is_somebodys_check
            CHECK ((kind = 'share') = (contributor_id IS NOT NULL)),
        CONSTRAINT share_link_shop_check CHECK (kind <> 'shop' OR merchant_id IS NOT NULL),
        CONSTRAINT share_link_join_check CHECK (kind <> 'join' OR campaign_id IS NOT NULL)
    )
    """,
    "CREATE INDEX share_link_by_contributor ON share_link (contributor_id, id)",
    """
    CREATE UNIQUE INDEX share_link_once ON share_link (kind, merchant_id, campaign_id, contributor_id)
    NULLS NOT DISTINCT WHERE withdrawn_at IS NULL
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    protect(op, "campaigns", "share_link")


def downgrade() -> None:
    raise NotImplementedError("what hangs in town would lead nowhere: restore a backup instead")
