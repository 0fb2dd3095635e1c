"""Books what ambassadors earn, in the transaction in which it is earned or taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.ids import new_id
from services.campaigns.contributions.domain import BRUSSELS, Contribution, brussels_day
from services.campaigns.contributions.tables import contribution, is_public
from services.campaigns.lifecycle.announced import announced
from services.campaigns.points.domain import Deed, Entry, lacking, rewarded
from services.campaigns.points.tables import point_balance, point_entry
from services.campaigns.policy.domain import Action


async def settle(tx: Transaction, of: Contribution, now: datetime) -> None:
    """Bring the ledger to what its author is due for the day on which a contribution was published.

    To be called after each change of what stands, in its transaction; more often does no harm. Nothing is
    booked for what was never public, or counts for no campaign that gives points for it.
    """
    campaign_id, action = of.counting.campaign_id, Action(of.details.kind.value)
    if campaign_id is None or of.published_at is None:
        return
    actions = await rewarded_by(tx, campaign_id)
    if action not in actions:
        return
    await _take_balance(tx, of, campaign_id)
    deeds = await _deeds(tx, _of_the_day(of, of.published_at))
    booked = await _booked(tx, campaign_id, of.contributor_id, deeds)
    entries = lacking(deeds, actions, booked)
    if entries:
        await _book(tx, of, campaign_id, entries, now)


async def rewarded_by(connection: AsyncConnection, campaign_id: UUID) -> frozenset[Action]:
    """For which actions an announced campaign gives points."""
    said = await announced(connection, {campaign_id})
    return rewarded(judgement.ask for judgement in said.get(campaign_id, ()))


async def deeds_of(connection: AsyncConnection, campaign_id: UUID, contributor_id: UUID) -> list[Deed]:
    """Everything an ambassador ever published for a campaign."""
    return await _deeds(connection, _published(campaign_id, contributor_id))


def _published(campaign_id: UUID, contributor_id: UUID) -> Select[Any]:
    return select(
        contribution.c.id,
        contribution.c.merchant_id,
        contribution.c.kind,
        contribution.c.published_at,
        is_public.label("stands"),
    ).where(
        contribution.c.campaign_id == campaign_id,
        contribution.c.contributor_id == contributor_id,
        contribution.c.published_at.is_not(None),
    )


def _of_the_day(of: Contribution, published_at: datetime) -> Select[Any]:
    """What its author published of its kind on that day, for the same campaign."""
    assert of.counting.campaign_id is not None
    day = brussels_day(published_at)
    begins, ends = (datetime.combine(each, time(), BRUSSELS) for each in (day, day + timedelta(days=1)))
    return _published(of.counting.campaign_id, of.contributor_id).where(
        contribution.c.kind == of.details.kind.value,
        contribution.c.published_at >= begins,
        contribution.c.published_at < ends,
    )


async def _deeds(connection: AsyncConnection, query: Select[Any]) -> list[Deed]:
    return [
        Deed(
            cause=row.id,
            merchant_id=row.merchant_id,
            action=Action(row.kind),
            at=row.published_at,
            stands=row.stands,
        )
        for row in await connection.execute(query)
    ]


async def _take_balance(tx: Transaction, of: Contribution, campaign_id: UUID) -> None:
    """Waits for whoever books for the same ambassador, so that all they did is seen."""
    new = insert(point_balance).values(
        campaign_id=campaign_id, contributor_id=of.contributor_id, city_id=of.city_id, points=0
    )
    await tx.execute(
        new.on_conflict_do_update(
            index_elements=["campaign_id", "contributor_id"], set_={"points": point_balance.c.points}
        )
    )


async def _booked(
    tx: Transaction, campaign_id: UUID, contributor_id: UUID, deeds: Iterable[Deed]
) -> dict[UUID, int]:
    query = (
        select(point_entry.c.cause, func.sum(point_entry.c.points))
        .where(
            point_entry.c.campaign_id == campaign_id,
            point_entry.c.contributor_id == contributor_id,
            point_entry.c.cause.in_([deed.cause for deed in deeds]),
        )
        .group_by(point_entry.c.cause)
    )
    return {cause: int(points) for cause, points in await tx.execute(query)}


async def _book(
    tx: Transaction, of: Contribution, campaign_id: UUID, entries: Sequence[Entry], now: datetime
) -> None:
    lines = [
        {
            "id": new_id(),
            "city_id": of.city_id,
            "campaign_id": campaign_id,
            "contributor_id": of.contributor_id,
            "cause": entry.cause,
            "action": entry.action.value,
            "points": entry.points,
            "why": entry.why.value,
            "at": now,
        }
        for entry in entries
    ]
    await tx.execute(insert(point_entry), lines)
    await tx.execute(
        update(point_balance)
        .where(
            point_balance.c.campaign_id == campaign_id,
            point_balance.c.contributor_id == of.contributor_id,
        )
        .values(points=point_balance.c.points + sum(entry.points for entry in entries))
    )
