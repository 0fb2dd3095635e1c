"""Short links, by their codes."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, Uuid

from services.campaigns.links.domain import Kind
from services.campaigns.metadata import metadata

_KINDS = ", ".join(f"'{kind}'" for kind in Kind)

share_link = Table(
    "share_link",
    metadata,
    Column("code", Text, primary_key=True),  # a redirect reads one row by its key
    Column("id", Uuid, nullable=False, unique=True),
    Column("city_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("merchant_id", Uuid),
    Column("campaign_id", Uuid, ForeignKey("campaign.id")),
    Column("contributor_id", Uuid),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    CheckConstraint(f"kind IN ({_KINDS})", name="kind"),
    CheckConstraint("num_nonnulls(merchant_id, campaign_id) = 1", name="one_target"),
    CheckConstraint("(kind = 'share') = (contributor_id IS NOT NULL)", name="share_is_somebodys"),
    CheckConstraint("kind <> 'shop' OR merchant_id IS NOT NULL", name="shop"),
    CheckConstraint("kind <> 'join' OR campaign_id IS NOT NULL", name="join"),
    Index("share_link_by_contributor", "contributor_id", "id"),
)
# One of each for each target and person, until it is withdrawn.
Index(
    "share_link_once",
    share_link.c.kind,
    share_link.c.merchant_id,
    share_link.c.campaign_id,
    share_link.c.contributor_id,
    unique=True,
    postgresql_nulls_not_distinct=True,
    postgresql_where=share_link.c.withdrawn_at.is_(None),
)
