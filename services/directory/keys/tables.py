"""Keys of cities' own systems. Of a secret only its hash is here."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from services.directory.cities.tables import city, district
from services.directory.metadata import metadata
from services.directory.people.tables import person

api_key = Table(
    "api_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("district_id", Uuid, ForeignKey(district.c.id)),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("made_by", Uuid, ForeignKey(person.c.id, ondelete="SET NULL")),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    # How many tokens it got in the window that began then (domain.py).
    Column("window_began_at", DateTime(timezone=True)),
    Column("window_tokens", Integer, nullable=False),
)
Index("api_key_city_id", api_key.c.city_id, api_key.c.id)
