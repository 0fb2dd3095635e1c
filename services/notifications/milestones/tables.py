"""What the reaction has counted by itself, and the milestones it found. Never rebuilt."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Integer, Table, Text, UniqueConstraint, Uuid

from services.notifications.contributions.tables import contribution_table
from services.notifications.metadata import metadata

milestone_contribution = contribution_table("milestone_contribution", metadata)

milestone_count = Table(
    "milestone_count",
    metadata,
    Column("merchant_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("count", Integer, nullable=False),
)

milestone = Table(
    "milestone",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("reached_at", DateTime(timezone=True), nullable=False),
    # Told once, for ever: a count that falls and rises again reaches nothing new.
    UniqueConstraint("merchant_id", "kind", "threshold"),
)
