"""Which goals were reached when."""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.campaigns.metadata import metadata

goal_reached = Table(
    "goal_reached",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, ForeignKey("campaign.id"), nullable=False),
    Column("figure", Text, nullable=False),
    Column("target", Integer, nullable=False),
    Column("reached_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("campaign_id", "figure", "target"),  # once, whatever is taken back and given again
    Index("goal_reached_by_time", "reached_at"),
)
