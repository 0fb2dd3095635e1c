"""Which shops want no part in a campaign, or in any of their city."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Table, UniqueConstraint, Uuid

from services.campaigns.metadata import metadata

opt_out = Table(
    "opt_out",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, ForeignKey("campaign.id")),  # none: of every campaign of the city
    Column("opted_out_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("merchant_id", "campaign_id", postgresql_nulls_not_distinct=True),
    Index("opt_out_by_city", "city_id", "id"),
)
