"""Cities, the codes that named them, and their districts."""

from sqlalchemy import Column, Date, DateTime, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.directory.metadata import metadata

city = Table(
    "city",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("joined_at", DateTime(timezone=True), nullable=False),
    Column("name_fr", Text, nullable=False),
    Column("name_nl", Text, nullable=False),
    Column("responsible_name", Text),
    Column("responsible_role", Text),
    # Accounts of those who are named, where they have one: for erasing, and shown to nobody.
    Column("responsible_person_id", Uuid),
    Column("deputy_name", Text),
    Column("deputy_role", Text),
    Column("deputy_person_id", Uuid),
)

# Communes merge: a code is an attribute with dates, and one commune has one code at a time. Version and
# time are those of the fact the row tells: the first that the city joined, each other that it merged.
city_nis_code = Table(
    "city_nis_code",
    metadata,
    Column("city_id", Uuid, ForeignKey(city.c.id), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("nis_code", Text, nullable=False),
)
Index(
    "city_nis_code_now",
    city_nis_code.c.nis_code,
    unique=True,
    postgresql_where=city_nis_code.c.valid_until.is_(None),
)

district = Table(
    "district",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("version", Integer, nullable=False),
    # The outline, with the version and time of its event. A new name alone changes none of these.
    Column("drawn_version", Integer, nullable=False),
    Column("drawn_at", DateTime(timezone=True), nullable=False),
    Column("name", Text, nullable=False),
    Column("polygon", JSONB, nullable=False),
    Column("removed_at", DateTime(timezone=True)),
)
Index(
    "district_name",
    district.c.city_id,
    district.c.name,
    unique=True,
    postgresql_where=district.c.removed_at.is_(None),
)

# The outlines that districts had before, as they were told.
former_outline = Table(
    "former_outline",
    metadata,
    Column("district_id", Uuid, ForeignKey(district.c.id), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    Column("drawn_at", DateTime(timezone=True), nullable=False),
    Column("polygon", JSONB, nullable=False),
)
