"""What a person can give as a second factor. Nothing here lets whoever reads it give one."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Uuid,
)

from services.directory.metadata import metadata
from services.directory.people.tables import person

authenticator = Table(
    "authenticator",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey(person.c.id, ondelete="CASCADE"), nullable=False),
    # Encrypted with a key that is no part of the database (sealing.py).
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("set_up_at", DateTime(timezone=True), nullable=False),
    # None until the first code: the person may have one that counts, and one that is being set up.
    Column("confirmed_at", DateTime(timezone=True)),
    # The newest time step whose code was taken: none is taken that is not newer.
    Column("last_step", BigInteger),
    CheckConstraint("(confirmed_at IS NULL) = (last_step IS NULL)"),
)
Index("authenticator_once", authenticator.c.person_id, authenticator.c.confirmed_at.is_(None), unique=True)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("person_id", Uuid, ForeignKey(person.c.id, ondelete="CASCADE"), primary_key=True),
    # SHA-256: a code has 79 bits of chance, so that there is nothing to guess from its hash.
    Column("hash", LargeBinary, primary_key=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True)),
)
