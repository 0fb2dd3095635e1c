"""How often something was tried by whom, and the salts that hide who that was."""

from sqlalchemy import Column, Date, DateTime, Integer, LargeBinary, Table, Text

from services.directory.metadata import metadata

limit_salt = Table(
    "limit_salt",
    metadata,
    Column("day", Date, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)
limit_count = Table(
    "limit_count",
    metadata,
    Column("what", Text, primary_key=True),
    # The address or network as an HMAC under the salt of its day: with the salt gone, it is nobody's.
    Column("who", LargeBinary, primary_key=True),
    Column("began_at", DateTime(timezone=True), primary_key=True),
    Column("count", Integer, nullable=False),
)
