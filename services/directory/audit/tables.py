"""Who did what, for whom, when and where: ids and codes, never what people typed."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.directory.cities.tables import city
from services.directory.metadata import metadata

# The migration's trigger lets nothing change or leave this table. Ids of persons are no foreign keys: they
# stay when the person is erased, and then lead to nobody.
audit_entry = Table(
    "audit_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    # None where it is of no city: an operator's role, for instance.
    Column("city_id", Uuid, ForeignKey(city.c.id)),
    Column("action", Text, nullable=False),
    # None where no person did it: a job, or the first start.
    Column("actor_id", Uuid),
    Column("subject_id", Uuid, nullable=False),
    Column("details", JSONB, nullable=False),
)
Index("audit_entry_city_page", audit_entry.c.city_id, audit_entry.c.id)
