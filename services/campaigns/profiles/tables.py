"""Where else shops show themselves."""

from sqlalchemy import Column, DateTime, Index, Table, Text, UniqueConstraint, Uuid

from services.campaigns.metadata import metadata

merchant_profile = Table(
    "merchant_profile",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("platform", Text, nullable=False),
    Column("url", Text, nullable=False),  # canonical
    Column("stated_by", Text, nullable=False),
    Column("stated_at", DateTime(timezone=True), nullable=False),
    Column("person_id", Uuid),  # who stated it; none: erased, or their time is over
    Column("checked_at", DateTime(timezone=True), nullable=False),  # when somebody last looked at it
    Column("checked_by", Text, nullable=False),
    UniqueConstraint("merchant_id", "url"),
    Index("merchant_profile_by_person", "person_id"),
)
