"""Remembers which events a consumer has already applied, in the transaction that applies them (rule 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, bindparam, text

if TYPE_CHECKING:
    from chassis.database import Transaction

# Sorted, so that two workers that meet the same events wait for one another instead of deadlocking.
_CLAIM = text("""
    INSERT INTO inbox (event_id, consumer)
    SELECT id, CAST(:consumer AS text) FROM unnest(CAST(:ids AS uuid[])) AS id ORDER BY id
    ON CONFLICT DO NOTHING
    RETURNING event_id
""").bindparams(bindparam("ids", type_=ARRAY(Uuid)), bindparam("consumer", type_=String))


async def claim(tx: Transaction, consumer: str, event_ids: Iterable[UUID]) -> set[UUID]:
    """Those of `event_ids` that `consumer` has not applied yet; from now on they count as applied.

    Committed with the effects or not at all, so an event is applied once however often it is delivered.
    A second worker with the same event waits here until the first has committed or rolled back.
    """
    rows = await tx.execute(_CLAIM, {"ids": sorted(event_ids), "consumer": consumer})
    return set(rows.scalars())
