"""Suggested corrections."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, Uuid, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from services.directory.cities.tables import city
from services.directory.corrections.domain import Field
from services.directory.merchants.tables import merchant
from services.directory.metadata import metadata

_FIELDS = ", ".join(f"'{each}'" for each in Field)

merchant_correction = Table(
    "merchant_correction",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("receipt_id", Uuid, nullable=False),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("merchant_id", Uuid, ForeignKey(merchant.c.id), nullable=False),
    Column("person_id", Uuid),
    Column("field", Text, nullable=False),
    Column("suggested", JSONB, nullable=False),
    Column("seen", JSONB, nullable=False),
    Column("duplicate_of", Uuid, ForeignKey(merchant.c.id)),
    Column("note", Text),
    Column("suggested_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Uuid),
    Column("reverted_at", DateTime(timezone=True)),
    CheckConstraint(f"field IN ({_FIELDS})", name="merchant_correction_field"),
    CheckConstraint(
        "(state = 'open') = (decided_at IS NULL)"
        " AND (state = 'refused') = (reason IS NOT NULL)"
        " AND (state = 'reverted') = (reverted_at IS NOT NULL)",
        name="merchant_correction_decided",
    ),
    CheckConstraint("duplicate_of IS NULL OR field = 'duplicate'", name="merchant_correction_duplicate"),
    Index("merchant_correction_city_page", "city_id", "state", "id"),
    Index("merchant_correction_of_merchant", "merchant_id", "state", "id"),
    Index("merchant_correction_of_person", "person_id", "id"),
)
# A condition written out: a plan for any parameter cannot use a partial index.
IS_OPEN = merchant_correction.c.state == literal_column("'open'")
Index(
    "merchant_correction_once",
    merchant_correction.c.person_id,
    merchant_correction.c.merchant_id,
    merchant_correction.c.field,
    unique=True,
    postgresql_where=IS_OPEN,
)
