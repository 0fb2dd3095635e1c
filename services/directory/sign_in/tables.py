"""Who asked to sign in, until they do or ten minutes are over. No secret lies here, only hashes."""

from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table, Text, Uuid

from services.directory.metadata import metadata

sign_in_request = Table(
    "sign_in_request",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("link_hash", LargeBinary, nullable=False, unique=True),
    Column("browser_hash", LargeBinary, nullable=False, unique=True),
    # An HMAC of the six characters under the browser's secret: without that, all codes cannot be tried out.
    Column("code_hash", LargeBinary, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("used_at", DateTime(timezone=True)),
)
