"""Visits over HTTP: telling that a shop's page is looked at, and reading how many came by what way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import select

from chassis.access import PUBLIC, Access, may
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Role
from chassis.openapi import problems
from chassis.problems import invalid, not_found
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.places.tables import known_merchant
from services.campaigns.visits import reading
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.domain import Count, Kind
from services.campaigns.visits.shops import Shops
from services.campaigns.visits.visitors import visitor_of

BASE = "/api/v1/visits"
READERS = (Role.merchant, Role.merchant_staff, Role.association_officer, Role.city_officer)


class PageLookedAt(Body):
    """Somebody looks at a shop's page."""

    merchant_id: UUID
    kind: Literal["page"]


class VisitsShown(Shown):
    """Visits by one way on one day (Europe/Brussels)."""

    day: date
    kind: Kind
    visits: int
    visitors: int
    """How many different ones came that day, estimated: within 3 % in most cases, exact where few came."""


class MerchantVisitsShown(Shown):
    """A shop's visits: of its page, by its permanent link, and by ambassadors' links."""

    merchant_id: UUID
    days: list[VisitsShown]


async def _period(
    now: Now,
    since: Annotated[date | None, Query(description="First day; a month before the last one.")] = None,
    until: Annotated[date | None, Query(description="Last day; today.")] = None,
) -> tuple[date, date]:
    last = until or brussels_day(now())
    if last < date(1900, 2, 1):
        raise invalid("until", "is before there were any")
    first = since or last.fromordinal(last.toordinal() - 30)
    if not first <= last <= first + reading.LONGEST_PERIOD:
        raise invalid("since", f"must be before the last day, by {reading.LONGEST_PERIOD.days} days at most")
    return first, last


Period = Annotated[tuple[date, date], Depends(_period)]
"""First and last day of what is asked for."""


def router(counter: VisitCounter, shops: Shops) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=BASE, tags=["visits"])

    @routes.post("", status_code=204, dependencies=[PUBLIC], responses=problems(404))
    async def look_at_page(body: PageLookedAt, request: Request) -> None:
        """Count that a shop's page is looked at by whoever sends this.

        A server that sends it for a visitor passes their address on (`X-Forwarded-For`) and their browser
        (`User-Agent`). Robots, and pages that are fetched ahead of asking, get the same answer uncounted.
        """
        page = await shops.get(body.merchant_id)
        if page is None:
            raise not_found("merchant")
        if visitor := visitor_of(request):
            counter.count(page, visitor)

    @routes.get("/merchants/{merchant_id}", response_model=MerchantVisitsShown, responses=problems(403, 404))
    async def show_merchants(
        merchant_id: UUID, who: Annotated[Access, may(*READERS)], period: Period, database: Db
    ) -> dict[str, Any]:
        """A shop's visits by day and way (who runs it or works there, its association, its city)."""
        async with database.scoped(who.cities) as connection:
            query = select(known_merchant).where(known_merchant.c.id == merchant_id)
            shop = (await connection.execute(query)).mappings().first()
            if shop is None:
                raise not_found("merchant")
            who.within(city_id=shop["city_id"], merchant_id=merchant_id, districts=shop["district_ids"] or ())
            days = await reading.of_merchant(connection, merchant_id, *period)
        return {"merchant_id": merchant_id, "days": shown(days)}

    return routes


def shown(counts: Sequence[Count]) -> list[dict[str, Any]]:
    """As `VisitsShown`."""
    return [
        {"day": each.day, "kind": each.kind.value, "visits": each.visits, "visitors": each.visitors}
        for each in counts
    ]
