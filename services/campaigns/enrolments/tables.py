"""Who joined which campaign, under which pseudonym."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Table, UniqueConstraint, Uuid

from services.campaigns.metadata import metadata

enrolment = Table(
    "enrolment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), nullable=False),
    Column("contributor_id", Uuid, nullable=False),
    Column("enrolled_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("campaign_id", "contributor_id"),
    Index("enrolment_by_time", "enrolled_at"),
)
