"""Addresses that no mail goes to any more, and which delivery went to which: hashes alone."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Table, Text, Uuid

from services.notifications.metadata import metadata

# Of an address, which no city owns: read by operators alone.
suppression = Table(
    "suppression",
    metadata,
    Column("address_hash", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    # What the other server said (RFC 3463), where it said so: "5.1.1".
    Column("status", Text),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("delivery_id", Uuid),
)
Index("suppression_since", suppression.c.since, suppression.c.address_hash)

# So that a bounce, which comes hours or days later and names a delivery, is known to be of an address.
mailed = Table(
    "mailed",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("address_hash", Text, nullable=False),
    Column("begun_at", DateTime(timezone=True), nullable=False),
    Column("bounced_at", DateTime(timezone=True)),
    Column("bounce_status", Text),
)
Index("mailed_begun_at", mailed.c.begun_at)
