"""Shops that were closed with the person who ran them: nothing of them comes back, whatever is replayed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Column, Table, Uuid, text

from chassis.database import Transaction
from services.notifications.metadata import metadata

erased_merchant = Table("erased_merchant", metadata, Column("merchant_id", Uuid, primary_key=True))


async def remember(tx: Transaction, merchants: Sequence[UUID]) -> None:
    """Forget these for good. Waits for every batch that is counting now; later ones wait for this."""
    await tx.execute(_LOCK)
    await tx.execute(_REMEMBER, {"merchants": sorted(merchants)})


async def erased_among(tx: Transaction, merchants: Sequence[UUID]) -> set[UUID]:
    """Those of the merchants that are to stay forgotten. None is added before the transaction ends."""
    return set((await tx.execute(_AMONG, {"merchants": list(merchants)})).scalars())


# Readers hold ACCESS SHARE until their transaction ends, and take it before their snapshot.
_LOCK = text("LOCK TABLE erased_merchant IN ACCESS EXCLUSIVE MODE")
_REMEMBER = text("""
    INSERT INTO erased_merchant SELECT unnest(CAST(:merchants AS uuid[])) ON CONFLICT DO NOTHING
""")
_AMONG = text("SELECT merchant_id FROM erased_merchant WHERE merchant_id = ANY(CAST(:merchants AS uuid[]))")
