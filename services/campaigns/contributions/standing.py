"""Every change of a contribution's standing passes here: stored, given its reasons, and told.

Of what was told as posted it is told that it was taken away, and that it is back; what was never public is
told once it is, and counts from then on. The accounts of points follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.database import Transaction
from contracts.envelope import Event
from services.campaigns.contributions import facts
from services.campaigns.contributions.domain import Contribution, Standing
from services.campaigns.contributions.tables import contribution, standing_change
from services.campaigns.points import ledger


@dataclass(frozen=True)
class Why:
    """What a standing is given for."""

    reasons: tuple[str, ...] = ()
    """Rules, by their names."""
    statement: str = ""
    """In the words of whoever decided."""
    by: UUID | None = None
    """The officer; none for the screening."""


Reasons: TypeAlias = Mapping[UUID, Why]
NO_REASONS = Why()


async def change(tx: Transaction, found: Contribution, to: Standing, why: Why, now: datetime) -> Contribution:
    """Give a contribution, locked by the caller, another standing, and tell those who count it.

    One that has it already, or that its author withdrew, stays as it is.
    """
    if found.standing is to or found.withdrawn_at is not None:
        return found
    changed = found.moved_to(to, now)
    # Between held and removed nobody else sees a difference.
    is_told = found.was_told and Standing.PUBLISHED in (found.standing, to)
    await tx.execute(
        update(contribution)
        .where(contribution.c.id == found.id)
        .values(
            standing=changed.standing.value,
            standing_version=changed.standing_version,
            published_at=changed.published_at,
        )
    )
    await note(tx, changed, why, now, told=is_told)
    await ledger.settle(tx, changed, now)
    if is_told:
        await outbox.record(tx, Event.of(facts.restood(changed), now))
    elif changed.was_told and not found.was_told:
        await outbox.record(tx, Event.of(facts.posted(changed), now))
    return changed


async def note(tx: Transaction, of: Contribution, why: Why, now: datetime, *, told: bool = False) -> None:
    """Keep why a contribution has the standing that it has now; that it is held is told to its author."""
    row = {
        "contribution_id": of.id,
        "version": of.standing_version,
        "city_id": of.city_id,
        "standing": of.standing.value,
        "reasons": list(why.reasons),
        "statement": why.statement,
        "at": now,
        "person_id": why.by,
        "told": told,
    }
    await tx.execute(insert(standing_change).values(row))
    if of.standing is Standing.HELD:
        await outbox.record(tx, Event.of(facts.held(of, why.reasons), now))


async def reasons_of(connection: AsyncConnection, contributions: Iterable[Contribution]) -> Reasons:
    """Why these are not public, of each that is not."""
    wanted = [each for each in contributions if each.standing is not Standing.PUBLISHED]
    if not wanted:
        return {}
    now = (
        and_(
            standing_change.c.contribution_id == each.id,
            standing_change.c.version == each.standing_version,
        )
        for each in wanted
    )
    columns = standing_change.c.contribution_id, standing_change.c.reasons, standing_change.c.statement
    rows = await connection.execute(select(*columns).where(or_(*now)))
    return {row.contribution_id: Why(tuple(row.reasons), row.statement) for row in rows}
