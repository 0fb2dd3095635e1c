"""News for people whom only another service knows."""

from sqlalchemy import Column, DateTime, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.notifications.metadata import metadata

unaddressed = Table(
    "unaddressed",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("addressee", Text, nullable=False),  # of `Addressee`
    Column("addressee_id", Uuid, nullable=False),  # a pseudonym, or the city of those in a role
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("caused_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("traceparent", Text),
    Index("unaddressed_created", "created_at"),
)
