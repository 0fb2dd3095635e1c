"""Merchants as they are, and every state they had."""

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.directory.cities.tables import city
from services.directory.metadata import metadata

merchant = Table(
    "merchant",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("name", Text),
    Column("street", Text),
    Column("house_number", Text),
    Column("postcode", Text),
    Column("place", Text),
    Column("phone", Text),
    Column("website", Text),
    Column("opening_hours", Text),
    Column("names", JSONB, nullable=False),
    Column("email", Text),
    Column("profiles", JSONB, nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("enterprise_number", Text),
    Column("establishment_number", Text),
    Column("district_ids", ARRAY(Uuid), nullable=False),
    Column("claimed", Boolean, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("delisted", Boolean, nullable=False),
    Column("checked_on", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    # The details as the source last gave them: what a person changed here since is not overwritten.
    Column("source_details", JSONB, nullable=False),
    # What a search looks into (search/text.py), written with every version.
    Column("search_text", Text, nullable=False, server_default=""),
    UniqueConstraint("city_id", "source", "source_id"),
)
Index("merchant_city_page", merchant.c.city_id, merchant.c.id)
Index(
    "merchant_establishment_number",
    merchant.c.establishment_number,
    postgresql_where=merchant.c.establishment_number.is_not(None),
)

# One row per version, with what its event says: facts can be published again as they were (rule 7).
merchant_version = Table(
    "merchant_version",
    metadata,
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("change", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("district_ids", ARRAY(Uuid), nullable=False),
)
Index("merchant_version_at", merchant_version.c.at)

# Who objected stays out, under another id on the map too: recognised by hashes that nobody can read.
objection = Table(
    "objection",
    metadata,
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id), primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("name_hashes", ARRAY(LargeBinary), nullable=False),
    Column("number_hash", LargeBinary),
    Column("address_hash", LargeBinary),
)
Index("objection_city_id", objection.c.city_id)

IS_PUBLIC = and_(~merchant.c.closed, ~merchant.c.delisted)
"""What the public may see. Says it as the partial indexes do."""


def matches_kind(kind: str) -> ColumnElement[bool]:
    """Merchants of a kind: `shop=bakery`, or `shop` alone, which means every kind of shop."""
    if "=" in kind:
        return merchant.c.kind == kind
    return merchant.c.kind.startswith(f"{kind}=", autoescape=True)
