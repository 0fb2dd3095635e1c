"""What notifications needs to know of campaigns: when and where they run."""

from sqlalchemy import ARRAY, Column, DateTime, Integer, Table, Text, Uuid

from services.notifications.metadata import metadata

campaign = Table(
    "campaign",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    # Of the newest event that said when it ends; 0 where only its end was heard of.
    Column("version", Integer, nullable=False),
    # NULL until it was told that it began: every city of it, and where in them. An empty list means all.
    Column("city_ids", ARRAY(Uuid)),
    Column("district_ids", ARRAY(Uuid)),
    Column("kinds", ARRAY(Text)),
    Column("merchant_ids", ARRAY(Uuid)),
    Column("starts_at", DateTime(timezone=True)),
    Column("ends_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
)
