"""What a person can give as a second factor. Nothing here lets whoever reads it give one."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from services.directory.metadata import metadata
from services.directory.people.tables import person
from services.directory.sessions.tables import session

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

passkey = Table(
    "passkey",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, ForeignKey(person.c.id, ondelete="CASCADE"), nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    # COSE. The private key is where the person keeps it, and never here.
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    # Kept by a provider on several devices, not in one piece of hardware.
    Column("is_synced", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("last_used_at", DateTime(timezone=True)),
)
Index("passkey_person_id", passkey.c.person_id)

# Deleted by whoever answers it, and when it is over.
passkey_challenge = Table(
    "passkey_challenge",
    metadata,
    Column("challenge", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    # Where it was asked for; None for a sign-in.
    Column("session_id", Uuid, ForeignKey(session.c.id, ondelete="CASCADE")),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("purpose IN ('add', 'second factor', 'sign in')"),
    CheckConstraint("(session_id IS NULL) = (purpose = 'sign in')"),
)
Index("passkey_challenge_expires_at", passkey_challenge.c.expires_at)
