"""What others do in a city, and sessions that were held there; campaigns have a table of their own."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, Integer, Table, Text, Uuid

from services.campaigns.metadata import metadata

initiative = Table(
    "initiative",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("organiser", Text, nullable=False),
    Column("starts_on", Date, nullable=False),  # in Brussels
    Column("ends_on", Date),  # none: it goes on
    Column("link", Text),
    Column("responsible", Text),  # none: its time is over, see retention
    Column("version", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="lasts"),
    Index("initiative_by_city", "city_id", "starts_on", "id"),
)

known_session = Table(
    "known_session",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Index("known_session_by_city", "city_id", "starts_at"),
)
