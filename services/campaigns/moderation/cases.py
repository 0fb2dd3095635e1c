"""What waits for a decision: one case for each contribution, however many reasons it has."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from chassis import outbox
from chassis.database import Transaction
from chassis.ids import new_id
from services.campaigns.contributions import standing
from services.campaigns.contributions.domain import Contribution, Standing
from services.campaigns.moderation import facts
from services.campaigns.moderation.domain import DUE
from services.campaigns.moderation.tables import is_open, moderation_case


async def open_case(tx: Transaction, of: Contribution, reasons: Collection[str], now: datetime) -> UUID:
    """Put a contribution into the queue of its city, or further reasons to the case that is open; its id."""
    row = {
        "id": new_id(),
        "city_id": of.city_id,
        "contribution_id": of.id,
        "reasons": list(reasons),
        "opened_at": now,
        "due_at": now + DUE,
    }
    added = insert(moderation_case).values(row)
    found: UUID | None = await tx.scalar(
        added.on_conflict_do_update(
            index_elements=["contribution_id"], index_where=is_open, set_={"reasons": _both(added.excluded)}
        ).returning(moderation_case.c.id)
    )
    assert found is not None
    return found


async def close_withdrawn(tx: Transaction, contributions: Collection[UUID], now: datetime) -> None:
    """There is nothing to decide any more about what its author took back: who waits for it is told."""
    case = moderation_case.c
    over = {"decided_at": now, "taken_by": None, "taken_until": None}
    closed = update(moderation_case).where(is_open, case.contribution_id.in_(contributions)).values(over)
    if cases := (await tx.scalars(closed.returning(case.id))).all():
        await outbox.record(tx, *await facts.withdrawn(tx, cases))


def _both(news: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[list[str]]:
    """Each reason once, in the order in which they came."""
    known = moderation_case.c.reasons
    new = func.unnest(news.reasons).column_valued("reason")
    added = select(new).where(new != func.all(known)).scalar_subquery()
    return known + func.array(added, type_=known.type)


async def hold(tx: Transaction, found: Contribution, reasons: Collection[str], now: datetime) -> Contribution:
    """Take a locked contribution out of the public until somebody has decided, as after an edit.

    One that was removed stays so: what it says now is for an appeal.
    """
    if found.standing is Standing.REMOVED:
        return found
    held = await standing.change(tx, found, Standing.HELD, standing.Why(tuple(reasons)), now)
    await open_case(tx, held, reasons, now)
    return held
