"""Books what ambassadors earn, in the transaction in which it is earned or taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.ids import new_id
from services.campaigns.contributions.domain import BRUSSELS, Contribution, brussels_day
from services.campaigns.contributions.tables import contribution, is_public
from services.campaigns.lifecycle.announced import announced
from services.campaigns.points.domain import Deed, Entry, lacking, rewarded
from services.campaigns.points.tables import BESIDE, deed, point_balance, point_entry
from services.campaigns.policy.domain import Action


@dataclass(frozen=True, order=True)
class Account:
    """One ambassador's points in one campaign."""

    campaign_id: UUID
    contributor_id: UUID
    city_id: UUID = field(compare=False)


async def settle(tx: Transaction, of: Contribution, now: datetime) -> None:
    """Bring the ledger to what its author is due for the day on which a contribution was published.

    To be called after each change of what stands, in its transaction; more often does no harm. Nothing is
    booked for what was never public, or counts for no campaign that gives points for it.
    """
    campaign_id, action = of.counting.campaign_id, Action(of.details.kind.value)
    if campaign_id is None or of.published_at is None:
        return
    if action in await rewarded_by(tx, campaign_id):
        account = Account(campaign_id, of.contributor_id, of.city_id)
        await bring(tx, account, action, brussels_day(of.published_at), now)


async def bring(tx: Transaction, account: Account, action: Action, day: date, now: datetime) -> None:
    """Bring an account to what is due for what was done of a kind on a day. `action` earns points there.

    Who books for several accounts in one transaction takes them in their order.
    """
    await _take_balance(tx, account)
    source = deed if action.value in BESIDE else contribution
    deeds = await _deeds(tx, _done(source, account.campaign_id, account.contributor_id, action, day))
    booked = await _booked(tx, account, deeds)
    entries = lacking(deeds, frozenset({action}), booked)
    if entries:
        await _book(tx, account, entries, now)


async def rewarded_by(connection: AsyncConnection, campaign_id: UUID) -> frozenset[Action]:
    """For which actions an announced campaign gives points."""
    said = await announced(connection, {campaign_id})
    return rewarded(judgement.ask for judgement in said.get(campaign_id, ()))


async def deeds_of(connection: AsyncConnection, campaign_id: UUID, contributor_id: UUID) -> list[Deed]:
    """Everything an ambassador ever did for a campaign that may earn."""
    both = [_done(source, campaign_id, contributor_id) for source in (contribution, deed)]
    return [each for query in both for each in await _deeds(connection, query)]


def _done(
    source: Table,
    campaign_id: UUID,
    contributor_id: UUID,
    action: Action | None = None,
    day: date | None = None,
) -> Select[Any]:
    """What was published for the campaign, or else noted as done; of one kind and day, or all of it."""
    known = source.c
    kind, at, stands = (
        (known.kind, known.published_at, is_public)
        if source is contribution
        else (known.action, known.at, known.stands)
    )
    query = select(
        known.id,
        known.merchant_id,
        kind.label("kind"),
        at.label("at"),
        stands.label("stands"),
    ).where(known.campaign_id == campaign_id, known.contributor_id == contributor_id, at.is_not(None))
    if action is not None and day is not None:
        begins, ends = (datetime.combine(each, time(), BRUSSELS) for each in (day, day + timedelta(days=1)))
        query = query.where(kind == action.value, at >= begins, at < ends)
    return query


async def _deeds(connection: AsyncConnection, query: Select[Any]) -> list[Deed]:
    return [
        Deed(
            cause=row.id,
            merchant_id=row.merchant_id,
            action=Action(row.kind),
            at=row.at,
            stands=row.stands,
        )
        for row in await connection.execute(query)
    ]


async def _take_balance(tx: Transaction, account: Account) -> None:
    """Waits for whoever books for the same ambassador, so that all they did is seen."""
    new = insert(point_balance).values(**vars(account), points=0)
    await tx.execute(
        new.on_conflict_do_update(
            index_elements=["campaign_id", "contributor_id"], set_={"points": point_balance.c.points}
        )
    )


async def _booked(tx: Transaction, account: Account, deeds: Iterable[Deed]) -> dict[UUID, int]:
    query = (
        select(point_entry.c.cause, func.sum(point_entry.c.points))
        .where(
            point_entry.c.campaign_id == account.campaign_id,
            point_entry.c.contributor_id == account.contributor_id,
            point_entry.c.cause.in_([deed.cause for deed in deeds]),
        )
        .group_by(point_entry.c.cause)
    )
    return {cause: int(points) for cause, points in await tx.execute(query)}


async def _book(tx: Transaction, account: Account, entries: Sequence[Entry], now: datetime) -> None:
    lines = [
        {
            "id": new_id(),
            **vars(account),
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
            point_balance.c.campaign_id == account.campaign_id,
            point_balance.c.contributor_id == account.contributor_id,
        )
        .values(points=point_balance.c.points + sum(entry.points for entry in entries))
    )
