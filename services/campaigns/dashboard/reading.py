"""What a city sees, read from sums in one round trip: however many contributed, rows by day and by shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ARRAY, Text, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.cities.storage import runs_in
from services.campaigns.contributions.domain import Kind
from services.campaigns.dashboard.counting import EVER
from services.campaigns.goals.progress import progress_of, reached_of
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import Campaign
from services.campaigns.lifecycle.tables import campaign, is_running

DECIDED_WITHIN = timedelta(days=30)
"""Of the decisions of so many days the median time is told: what a city does now, not what it once did."""
VISIT = "visit-"


@dataclass(frozen=True)
class Scope:
    """A city, or a campaign in all of its cities."""

    id: UUID
    cities: tuple[UUID, ...]
    campaign: Campaign | None = None


class Figures(msgspec.Struct, frozen=True):
    """All sums of a scope."""

    kinds: list[tuple[str, int, int]]
    """Of each kind how many today, and how many since the start."""
    days: list[tuple[date, str, int]]
    weeks: list[tuple[date, int]]
    """How many were active; EVER is one of them."""
    shops: dict[UUID, int]
    """How often each was contributed to that was."""
    moderation: Moderation
    elsewhere: list[tuple[str, int, int]]
    """Of each platform how many posts about shops were seen there, and how many of them since that day."""


class Moderation(msgspec.Struct, frozen=True):
    """What waits for a decision, how much of it for too long, and how long decisions took lately."""

    open: int
    overdue: int
    decided: int
    median_seconds: float | None


async def figures(
    connection: AsyncConnection, scope: Scope, since: date, now: datetime, today: date
) -> Figures:
    """As they are a second ago; days and weeks since the one of that day."""
    asked = {
        "scope": scope.id,
        "today": today,
        "since": since,
        "monday": since - timedelta(days=since.weekday()),
        "ever": EVER,
        "actions": [*Kind],
        "cities": list(scope.cities),
        "now": now,
        "decided_from": now - DECIDED_WITHIN,
    }
    query = _OF_CITY if scope.campaign is None else _OF_CAMPAIGN
    return msgspec.json.decode(await connection.scalar(query, asked), type=Figures)


async def actions_by_shop(connection: AsyncConnection, scope: Scope) -> dict[UUID, int]:
    """How often each shop was contributed to that was."""
    found = await connection.scalar(_BY_SHOP, {"scope": scope.id, "actions": [*Kind]})
    return msgspec.json.decode(found, type=dict[UUID, int])


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


async def _running(connection: AsyncConnection, city_id: UUID) -> list[Campaign]:
    query = select(campaign).where(is_running, runs_in(city_id)).order_by(campaign.c.id)
    return [storage.of_row(row) for row in (await connection.execute(query)).mappings()]


_SHOPS = """
    SELECT coalesce(json_object_agg(merchant_id, counted), '{}') FROM (
        SELECT merchant_id, sum(counted::integer) AS counted FROM dashboard_shop
        WHERE scope_id = :scope AND kind = ANY(:actions) AND counted > 0 GROUP BY 1) AS shop
"""
# Of a campaign, the cases of what counts for it.
_ITS_CASES = "JOIN contribution ON contribution.id = {of}.contribution_id AND campaign_id = :scope"
_FIGURES = """
    SELECT json_build_object(
        'kinds', (SELECT coalesce(json_agg(json_build_array(kind, of_today, total)), '[]') FROM (
            SELECT kind, coalesce(sum(counted) FILTER (WHERE day = :today), 0) AS of_today,
                   sum(counted) AS total
            FROM dashboard_day WHERE scope_id = :scope
            GROUP BY kind HAVING sum(counted) <> 0 ORDER BY kind) AS of_kind),
        'days', (SELECT coalesce(json_agg(json_build_array(day, kind, counted)), '[]') FROM (
            SELECT day, kind, sum(counted) AS counted
            FROM dashboard_day WHERE scope_id = :scope AND day BETWEEN :since AND :today
            GROUP BY day, kind HAVING sum(counted) <> 0 ORDER BY day, kind) AS of_day),
        'weeks', (SELECT coalesce(json_agg(json_build_array(week, ambassadors) ORDER BY week), '[]')
            FROM dashboard_active
            WHERE scope_id = :scope AND ambassadors <> 0 AND (week = :ever OR week >= :monday)),
        'shops', ({shops}),
        'elsewhere', (SELECT coalesce(json_agg(json_build_array(platform, posts, lately)), '[]') FROM (
            SELECT platform, count(*) AS posts, count(*) FILTER (WHERE day >= :since) AS lately
            FROM seen_post WHERE city_id = ANY(:cities) AND shown GROUP BY platform ORDER BY platform
            ) AS of_platform),
        'moderation', json_build_object(
            'open', waiting.open, 'overdue', waiting.overdue,
            'decided', lately.decided, 'median_seconds', lately.median)
    )::text
    FROM (SELECT count(*) AS open, count(*) FILTER (WHERE due_at < :now) AS overdue
          FROM moderation_case AS waiting {its_waiting}
          WHERE waiting.city_id = ANY(:cities) AND decided_at IS NULL) AS waiting,
         (SELECT count(*) AS decided, percentile_cont(0.5) WITHIN GROUP (
                     ORDER BY extract(epoch FROM made.at - opened.opened_at)) AS median
          FROM moderation_decision AS made JOIN moderation_case AS opened ON opened.id = made.case_id
          {its_decided}
          WHERE made.city_id = ANY(:cities) AND made.at >= :decided_from) AS lately
"""
_SCOPE, _ACTIONS = bindparam("scope", type_=Uuid), bindparam("actions", type_=ARRAY(Text))
_CITIES = bindparam("cities", type_=ARRAY(Uuid))


def _written(its: str) -> Any:
    parts = {name: its.format(of=name) for name in ("waiting", "made")}
    query = _FIGURES.format(shops=_SHOPS, its_waiting=parts["waiting"], its_decided=parts["made"])
    return text(query).bindparams(_SCOPE, _ACTIONS, _CITIES)


_OF_CITY, _OF_CAMPAIGN = _written(""), _written(_ITS_CASES)
_BY_SHOP = text(f"SELECT ({_SHOPS})::text").bindparams(_SCOPE, _ACTIONS)
