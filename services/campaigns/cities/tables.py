"""Cities that were invited to take part in another city's campaign, and what they answered."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Table, Uuid

from services.campaigns.metadata import metadata

campaign_city = Table(
    "campaign_city",
    metadata,
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), primary_key=True),
    Column("city_id", Uuid, primary_key=True),
    Column("invited_at", DateTime(timezone=True), nullable=False),
    Column("accepted", Boolean),  # none: not answered yet
    Column("answered_at", DateTime(timezone=True)),
    Index("campaign_city_by_city", "city_id"),
)
