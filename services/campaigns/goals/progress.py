"""How far a campaign is, from what the city sees: some rows for each shop, however many contributed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import distinct, func, select
from sqlalchemy.dialects.postgresql import insert

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from contracts.campaigns.v1 import GoalReached
from contracts.envelope import Event
from services.campaigns.dashboard.tables import dashboard_day, dashboard_shop
from services.campaigns.enrolments.tables import enrolment
from services.campaigns.evaluation.domain import KINDS, Figure
from services.campaigns.goals.domain import Goal, newly_reached
from services.campaigns.goals.tables import goal_reached


async def progress_of(tx: Transaction, campaign_id: UUID) -> dict[Figure, int]:
    """What can be a goal, as of a second ago."""
    days, shops = dashboard_day.c, dashboard_shop.c
    sums = select(days.kind, func.sum(days.counted)).where(days.scope_id == campaign_id).group_by(days.kind)
    by_kind: Mapping[str, int] = {row[0]: int(row[1]) for row in await tx.execute(sums)}
    reached = select(func.count(distinct(shops.merchant_id))).where(
        shops.scope_id == campaign_id, shops.kind.in_(KINDS.values()), shops.counted > 0
    )
    approved = enrolment.c.campaign_id == campaign_id, enrolment.c.approved_at.is_not(None)
    joined = select(func.count()).select_from(enrolment).where(*approved)
    return {
        **{figure: by_kind.get(kind, 0) for figure, kind in KINDS.items()},
        Figure.AMBASSADORS: await tx.scalar(joined) or 0,
        Figure.MERCHANTS_REACHED: await tx.scalar(reached) or 0,
    }


async def reached_of(tx: Transaction, campaign_id: UUID) -> dict[Goal, datetime]:
    """Goals that were reached, each with the time at which that was noticed."""
    query = select(goal_reached).where(goal_reached.c.campaign_id == campaign_id)
    rows = (await tx.execute(query)).mappings()
    return {Goal(Figure(row["figure"]), row["target"]): row["reached_at"] for row in rows}


async def note_reached(
    tx: Transaction, city_id: UUID, campaign_id: UUID, goals: Sequence[Goal], now: datetime
) -> list[Goal]:
    """Keep and tell which goals are reached that were not before: each once, however many look."""
    before = await reached_of(tx, campaign_id)
    if set(goals) <= before.keys():
        return []
    new = newly_reached(goals, await progress_of(tx, campaign_id), before)
    return [goal for goal in new if await _kept(tx, city_id, campaign_id, goal, now)]


async def _kept(tx: Transaction, city_id: UUID, campaign_id: UUID, goal: Goal, now: datetime) -> bool:
    row = {
        "id": new_id(),
        "city_id": city_id,
        "campaign_id": campaign_id,
        "figure": goal.figure.value,
        "target": goal.target,
        "reached_at": now,
    }
    added = insert(goal_reached).values(row).on_conflict_do_nothing().returning(goal_reached.c.id)
    if await tx.scalar(added) is None:  # another process noticed it at the same time
        return False
    await outbox.record(tx, _told(row))
    return True


def _told(row: Mapping[Any, Any]) -> Event[GoalReached]:
    fact = GoalReached(
        city_id=row["city_id"],
        goal_id=row["id"],
        campaign_id=row["campaign_id"],
        figure=row["figure"],
        target=row["target"],
    )
    return Event.of(fact, row["reached_at"])


HISTORY = (Source(select(goal_reached).order_by(goal_reached.c.reached_at), _told),)
