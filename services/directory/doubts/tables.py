"""What imports cannot decide: whether two merchants are one, and whether one is gone. A person does, once."""

from sqlalchemy import Column, DateTime, Double, ForeignKey, Index, Table, Text, UniqueConstraint, Uuid

from services.directory.cities.tables import city
from services.directory.merchants.tables import merchant
from services.directory.metadata import metadata

duplicate = Table(
    "duplicate",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    # In the order of their ids, so that a pair is one row: a decision is remembered by it.
    Column("first_id", Uuid, ForeignKey(merchant.c.id), nullable=False),
    Column("second_id", Uuid, ForeignKey(merchant.c.id), nullable=False),
    Column("likeness", Double, nullable=False),
    Column("metres", Double, nullable=False),
    Column("state", Text, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    UniqueConstraint("first_id", "second_id"),
)
Index("duplicate_city_page", duplicate.c.city_id, duplicate.c.id)

closure = Table(
    "closure",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id), nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
)
Index("closure_city_page", closure.c.city_id, closure.c.id)
