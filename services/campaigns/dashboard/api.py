"""What a city sees of its campaigns, over HTTP, to be asked for every second or two by its officers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response

from chassis.database import Database
from chassis.http import Db, Listing, Now
from chassis.openapi import problems
from chassis.pagination import PageRequest, Paging, page
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.dashboard import reading
from services.campaigns.dashboard.counting import EVER
from services.campaigns.dashboard.domain import Members, not_reached, reached
from services.campaigns.dashboard.forms import DashboardShown, MerchantNotReached
from services.campaigns.dashboard.members import Scopes
from services.campaigns.dashboard.reading import VISIT, Figures, Scope
from services.campaigns.dashboard.scopes import OfCampaign, OfCity

LONGEST_SERIES = 366


Days = Annotated[
    int, Query(ge=1, le=LONGEST_SERIES, description="How many days there are in the series, today included.")
]
Seen = Annotated[
    str | None, Header(alias="If-None-Match", max_length=1_000, description="The ETag that was seen last.")
]
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "All is as it was when it was seen."}}


def router(scopes: Scopes) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1/dashboards", tags=["dashboards"])
    _add_dashboards(routes, scopes)
    _add_not_reached(routes, scopes)
    return routes


def _add_dashboards(routes: APIRouter, scopes: Scopes) -> None:
    shown = partial(_shown, scopes)

    @routes.get("/cities/{city_id}", response_model=DashboardShown, responses={**_UNCHANGED, **problems(403)})
    async def city(*, scope: OfCity, database: Db, now: Now, seen: Seen = None, days: Days = 28) -> Response:
        """All that is done in a city, in its campaigns and beside them, as of a second ago (its officers)."""
        return _unless_seen(await shown(scope, database, now(), days), seen)

    @routes.get(
        "/campaigns/{campaign_id}",
        response_model=DashboardShown,
        responses={**_UNCHANGED, **problems(403, 404)},
    )
    async def campaign(
        *, scope: OfCampaign, database: Db, now: Now, seen: Seen = None, days: Days = 28
    ) -> Response:
        """What counts for a campaign, in all of its cities, as of a second ago (the officers of each)."""
        return _unless_seen(await shown(scope, database, now(), days), seen)


def _add_not_reached(routes: APIRouter, scopes: Scopes) -> None:
    missed = partial(_missed, scopes)

    @routes.get(
        "/cities/{city_id}/not-reached",
        response_model=Listing[MerchantNotReached],
        responses=problems(403),
    )
    async def not_reached_in_city(
        scope: OfCity, database: Db, paging: Paging, request: Request, response: Response
    ) -> dict[str, Any]:
        """Open shops of a city that nobody contributed to yet, in the order of their ids (its officers)."""
        rows = await missed(scope, database, paging)
        return page(request, response, rows, paging.limit, lambda each: each["merchant_id"])

    @routes.get(
        "/campaigns/{campaign_id}/not-reached",
        response_model=Listing[MerchantNotReached],
        responses=problems(403, 404),
    )
    async def not_reached_in_campaign(
        scope: OfCampaign, database: Db, paging: Paging, request: Request, response: Response
    ) -> dict[str, Any]:
        """Shops that a campaign counts for and nobody contributed to in it yet (its cities' officers)."""
        rows = await missed(scope, database, paging)
        return page(request, response, rows, paging.limit, lambda each: each["merchant_id"])


async def _shown(scopes: Scopes, scope: Scope, database: Database, now: datetime, days: int) -> bytes:
    """`DashboardShown`, encoded."""
    today = brussels_day(now)
    members = await scopes.get(scope.id) or {}
    async with database.scoped(scope.cities) as connection:
        figures = await reading.figures(connection, scope, today - timedelta(days=days - 1), now, today)
        goals = await reading.goals(connection, scope)
    return msgspec.json.encode({"today": today, **_sections(figures, members), "goals": goals})


def _sections(figures: Figures, members: Members) -> dict[str, Any]:
    weeks, found = dict(figures.weeks), reached(members, figures.shops)
    sums = [{"kind": kind, "today": today, "total": total} for kind, today, total in figures.kinds]
    series = [{"kind": kind, "day": day, "counted": counted} for day, kind, counted in figures.days]
    return {
        "actions": [each for each in sums if not _is_visit(each)],
        "action_days": [each for each in series if not _is_visit(each)],
        "visits": [_by_way(each) for each in sums if _is_visit(each)],
        "visit_days": [_by_way(each) for each in series if _is_visit(each)],
        "ambassadors": {
            "active": weeks.pop(EVER, 0),
            "weeks": [{"week": week, "active": number} for week, number in weeks.items()],
        },
        "merchants": asdict(found.in_all),
        "districts": [{"district_id": each, **asdict(reach)} for each, reach in found.districts.items()],
        "moderation": figures.moderation,
        "elsewhere": [
            {"platform": platform, "posts": posts, "new": new} for platform, posts, new in figures.elsewhere
        ],
    }


def _is_visit(counted: dict[str, Any]) -> bool:
    return str(counted["kind"]).startswith(VISIT)


def _by_way(counted: dict[str, Any]) -> dict[str, Any]:
    return counted | {"kind": counted["kind"].removeprefix(VISIT)}


async def _missed(
    scopes: Scopes, scope: Scope, database: Database, paging: PageRequest
) -> list[dict[str, Any]]:
    """One more than a page of `MerchantNotReached`."""
    members = await scopes.get(scope.id) or {}
    async with database.scoped(scope.cities) as connection:
        actions = await reading.actions_by_shop(connection, scope)
    ids = not_reached(members, actions, paging.after(UUID), paging.limit + 1)
    return [{"merchant_id": each, "district_ids": members[each]} for each in ids]


def _unless_seen(body: bytes, seen: str | None) -> Response:
    """The body, or 304 where it is the one that was seen (RFC 9110, 13.1.2)."""
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if seen is not None and tag in (each.strip().removeprefix("W/") for each in seen.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
