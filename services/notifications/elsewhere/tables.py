"""What campaigns tells of merchants on other platforms: the newest of each thing."""

from sqlalchemy import Boolean, Column, Date, Double, Index, Integer, SmallInteger, Table, Text, Uuid

from services.notifications.metadata import metadata

# What was taken back keeps its row, so that older news does not bring it again.
seen_elsewhere = Table(
    "seen_elsewhere",
    metadata,
    Column("seen_id", Uuid, primary_key=True),
    Column("merchant_id", Uuid, nullable=False),
    Column("city_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("platform", Text),
    Column("source", Text),
    Column("what", Text),
    Column("day", Date),
    Column("figure", Double),  # none of a post
    Column("scale", SmallInteger),
    Index("seen_elsewhere_by_merchant", "merchant_id"),
)
