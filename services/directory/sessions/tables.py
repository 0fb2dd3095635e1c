"""Sessions of persons, and the refresh tokens they went through."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.directory.metadata import metadata
from services.directory.people.tables import person

session = Table(
    "session",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey(person.c.id, ondelete="CASCADE"), nullable=False),
    # How the person proved who they are: `amr` of its tokens.
    Column("methods", ARRAY(Text), nullable=False),
    # What the browser says it is, for the list of sessions alone.
    Column("device", Text),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    # When a second factor was last given in it.
    Column("strengthened_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_by", Text),
    CheckConstraint("ended_by IN ('person', 'reuse', 'reset', 'removal')"),
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)"),
)
Index("session_person_id", session.c.person_id)

refresh_token = Table(
    "refresh_token",
    metadata,
    # SHA-256: a token has 256 bits of chance, so that there is nothing to guess from its hash.
    Column("hash", LargeBinary, primary_key=True),
    Column("session_id", Uuid, ForeignKey(session.c.id, ondelete="CASCADE"), nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("replaced_at", DateTime(timezone=True)),
    # With the token itself it makes the successor again, which is stored nowhere; gone when nobody may ask.
    Column("salt", LargeBinary),
    CheckConstraint("salt IS NULL OR replaced_at IS NOT NULL"),
)
Index("refresh_token_session_id", refresh_token.c.session_id)
