"""What people agreed to and withdrew, with its dates. The age is what they said, never a date of birth."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, Uuid

from services.directory.metadata import metadata
from services.directory.people.tables import person

consent = Table(
    "consent",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey(person.c.id, ondelete="CASCADE"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("age", Text, nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    CheckConstraint("age IN ('13_or_older', '18_or_older')"),
    # Nobody under 18 is in a public ranking, whatever a handler forgets to ask.
    CheckConstraint("purpose <> 'public-ranking' OR age = '18_or_older'"),
)
Index("consent_of_person", consent.c.person_id, consent.c.id)
# One goes on at a time: of two that are given side by side, one comes first.
Index(
    "consent_once",
    consent.c.person_id,
    consent.c.purpose,
    unique=True,
    postgresql_where=consent.c.withdrawn_at.is_(None),
)
