"""How often each merchant was contributed to in a campaign, by kind; and which goals were reached when."""

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from services.campaigns.metadata import metadata

# Kept by a trigger on `contribution` (migration "goals"), so that whatever makes one count, or no longer,
# moves it in the same transaction. By merchant, and in sixteen parts by who contributed: hardly anybody waits
# for the same row, also where all come to one shop.
campaign_tally = Table(
    "campaign_tally",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("merchant_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("part", SmallInteger, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("counted", Integer, nullable=False),
)

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
