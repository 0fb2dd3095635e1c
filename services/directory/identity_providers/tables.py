"""Sign-ins under way at an identity provider, and whom its subjects are here."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, LargeBinary, Table, Text, Uuid

from services.directory.cities.tables import city
from services.directory.metadata import metadata
from services.directory.people.tables import person

# Deleted when somebody comes back, and when it has expired.
provider_sign_in = Table(
    "provider_sign_in",
    metadata,
    # Hash of what the browser keeps: a state alone, seen in an address, finishes nobody's sign-in.
    Column("ticket_hash", LargeBinary, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("provider", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("code_verifier", Text, nullable=False),
    # Who was signed in already, and connects the account at the provider with this one.
    Column("person_id", Uuid, ForeignKey(person.c.id, ondelete="CASCADE")),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)
Index("provider_sign_in_expires_at", provider_sign_in.c.expires_at)

external_identity = Table(
    "external_identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("city_id", Uuid, ForeignKey(city.c.id), nullable=False),
    Column("person_id", Uuid, ForeignKey(person.c.id, ondelete="CASCADE"), nullable=False),
    Column("linked_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True), nullable=False),
)
Index("external_identity_person_id", external_identity.c.person_id)
