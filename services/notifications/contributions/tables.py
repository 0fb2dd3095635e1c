"""The shape of a table of contributions; each reader that counts has one of its own."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, MetaData, Table, Text, Uuid


def contribution_table(name: str, metadata: MetaData) -> Table:
    """Contributions one reader knows of, keyed so that one index serves both counting and listing."""
    return Table(
        name,
        metadata,
        Column("merchant_id", Uuid, primary_key=True),
        Column("contribution_id", Uuid, primary_key=True),
        Column("city_id", Uuid, nullable=False),
        Column("kind", Text, nullable=False),
        # NULL while only its withdrawal or removal is known: a tombstone, for a posting that comes later.
        Column("day", Date),
        Column("withdrawn", Boolean, nullable=False),
        Column("standing_version", Integer, nullable=False),
        Column("removed", Boolean, nullable=False),
        # Only to count how many different people there are; NULL where nobody counts them.
        Column("author", BigInteger),
    )
