"""What a city sees, read from sums: however many contributed, some rows by day and one or some by shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import extract, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.cities.storage import runs_in
from services.campaigns.contributions.domain import Kind
from services.campaigns.contributions.tables import contribution
from services.campaigns.dashboard.counting import EVER
from services.campaigns.dashboard.tables import dashboard_active, dashboard_day, dashboard_shop
from services.campaigns.goals.progress import progress_of, reached_of
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import Campaign
from services.campaigns.lifecycle.tables import campaign, is_running
from services.campaigns.moderation.tables import is_open, moderation_case, moderation_decision

DECIDED_WITHIN = timedelta(days=30)
"""Of the decisions of so many days the median time is told: what a city does now, not what it once did."""
_VISITS = "visit-"


@dataclass(frozen=True)
class Scope:
    """A city, or a campaign in all of its cities."""

    id: UUID
    cities: tuple[UUID, ...]
    campaign: Campaign | None = None


async def counts(connection: AsyncConnection, scope: Scope, today: date, since: date) -> dict[str, Any]:
    """Actions and visits: of today, since the start, and by day since that day."""
    day = dashboard_day.c
    of_today = func.coalesce(func.sum(day.counted).filter(day.day == today), 0)
    sums = select(day.kind, of_today, func.sum(day.counted)).where(day.scope_id == scope.id)
    series = (
        select(day.day, day.kind, func.sum(day.counted))
        .where(day.scope_id == scope.id, day.day >= since, day.day <= today)
        .group_by(day.day, day.kind)
        .having(func.sum(day.counted) != 0)
        .order_by(day.day, day.kind)
    )
    rows = (await connection.execute(sums.group_by(day.kind).order_by(day.kind))).all()
    figures = [{"kind": row[0], "today": int(row[1]), "total": int(row[2])} for row in rows if row[2]]
    days = [
        {"day": day, "kind": kind, "counted": int(counted)}
        for day, kind, counted in await connection.execute(series)
    ]
    return {
        "actions": [each for each in figures if not each["kind"].startswith(_VISITS)],
        "visits": [_visit(each) for each in figures if each["kind"].startswith(_VISITS)],
        "action_days": [each for each in days if not each["kind"].startswith(_VISITS)],
        "visit_days": [_visit(each) for each in days if each["kind"].startswith(_VISITS)],
    }


def _visit(counted: dict[str, Any]) -> dict[str, Any]:
    return counted | {"kind": counted["kind"].removeprefix(_VISITS)}


async def actions_by_shop(connection: AsyncConnection, scope: Scope) -> dict[UUID, int]:
    """What was contributed to each shop that was contributed to."""
    shop = dashboard_shop.c
    query = (
        select(shop.merchant_id, func.sum(shop.counted))
        .where(shop.scope_id == scope.id, shop.kind.in_([*Kind]), shop.counted > 0)
        .group_by(shop.merchant_id)
    )
    return {merchant_id: int(counted) for merchant_id, counted in await connection.execute(query)}


async def active(connection: AsyncConnection, scope: Scope, since: date) -> dict[str, Any]:
    """How many different people contributed: in all, and in each week since the one of that day."""
    known = dashboard_active.c
    first = since - timedelta(days=since.weekday())
    query = (
        select(known.week, known.ambassadors)
        .where(known.scope_id == scope.id, (known.week == EVER) | (known.week >= first))
        .order_by(known.week)
    )
    weeks = {week: int(number) for week, number in await connection.execute(query)}
    ever = weeks.pop(EVER, 0)
    return {
        "active": ever,
        "weeks": [{"week": week, "active": number} for week, number in weeks.items() if number],
    }


async def goals(connection: AsyncConnection, scope: Scope) -> list[dict[str, Any]]:
    """How far the campaign is, or each that runs in the city."""
    found: Sequence[Campaign] = [scope.campaign] if scope.campaign else await _running(connection, scope.id)
    shown = []
    for each in found:
        if not each.plan.goals:
            continue
        figures, reached = await progress_of(connection, each.id), await reached_of(connection, each.id)
        shown += [
            {
                "campaign_id": each.id,
                "figure": goal.figure,
                "target": goal.target,
                "counted": figures[goal.figure],
                "reached_at": reached.get(goal),
            }
            for goal in each.plan.goals
        ]
    return shown


async def moderation(connection: AsyncConnection, scope: Scope, now: datetime) -> Mapping[str, Any]:
    """What waits for a decision, how much of it for too long, and how long decisions took."""
    case, made = moderation_case.c, moderation_decision.c
    waiting = select(func.count(), func.count().filter(case.due_at < now)).where(
        case.city_id.in_(scope.cities), is_open
    )
    seconds = extract("epoch", made.at - case.opened_at)
    decided = (
        select(func.count(), func.percentile_cont(0.5).within_group(seconds))
        .join_from(moderation_decision, moderation_case, made.case_id == case.id)
        .where(made.city_id.in_(scope.cities), made.at >= now - DECIDED_WITHIN)
    )
    if scope.campaign is not None:
        counts_for_it = contribution.c.campaign_id == scope.id
        waiting = waiting.join(contribution, contribution.c.id == case.contribution_id).where(counts_for_it)
        decided = decided.join(contribution, contribution.c.id == made.contribution_id).where(counts_for_it)
    is_waiting, is_overdue = (await connection.execute(waiting.select_from(moderation_case))).one()
    number, median = (await connection.execute(decided)).one()
    return {
        "open": is_waiting,
        "overdue": is_overdue,
        "decided": number,
        "median_seconds": None if median is None else round(median),
    }


async def _running(connection: AsyncConnection, city_id: UUID) -> list[Campaign]:
    query = select(campaign).where(is_running, runs_in(city_id)).order_by(campaign.c.id)
    return [storage.of_row(row) for row in (await connection.execute(query)).mappings()]
