"""What the screening remembers: texts as numbers, and who wrote from the same place as hashes."""

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, Table, Uuid

from services.campaigns.metadata import metadata

# Texts of any city are compared: whoever copies does not stop at a border.
text_fingerprint = Table(
    "text_fingerprint",
    metadata,
    Column("band", BigInteger, primary_key=True),
    Column("contribution_id", Uuid, primary_key=True),
    Index("text_fingerprint_by_contribution", "contribution_id"),
)

# One row for a person, a device or network, and a day. Of no city: a person may write in several on one.
sighting = Table(
    "sighting",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("seen_on", Date, primary_key=True),
    Column("contributor_id", Uuid, primary_key=True),
    Index("sighting_by_day", "seen_on"),
    Index("sighting_by_contributor", "contributor_id"),
)

sighting_salt = Table(
    "sighting_salt",
    metadata,
    Column("began_on", Date, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
)
