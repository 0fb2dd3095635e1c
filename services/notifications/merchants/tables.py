"""What notifications needs to know of merchants, from the directory's events."""

from __future__ import annotations

from sqlalchemy import ARRAY, Column, Integer, Table, Text, Uuid

from services.notifications.metadata import metadata

merchant = Table(
    "merchant",
    metadata,
    Column("merchant_id", Uuid, primary_key=True),
    Column("city_id", Uuid, nullable=False),
    # Versions of the newest event of each sort, so that none overwrites a newer one; 0: none seen yet.
    Column("public_version", Integer, nullable=False),
    Column("claimed_version", Integer, nullable=False),
    Column("closed_version", Integer, nullable=False),
    Column("kind", Text),
    Column("district_ids", ARRAY(Uuid), nullable=False),
)
