"""A shop's audience: what grew, against what, what it is made of, and what was seen elsewhere."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.http import Now
from services.portal.merchant.chart import chart
from services.portal.merchant.desk import frame, items, own_shops
from services.portal.merchant.weeks import weeks
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other

PATH = "/api/v1/audience"
_LOCAL = ZoneInfo("Europe/Brussels")
_MOST_LISTED = 12


def router(door: Door) -> APIRouter:
    """The shops one has, and the audience of one."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/shops", methods=["GET", "HEAD"])
    async def list_shops(request: Request, reader: Reader) -> Response:
        """One's shops; straight on where it is only one."""

        async def work(visitor: Visitor) -> Response:
            ids = await own_shops(visitor)
            if len(ids) == 1:
                return see_other(f"/shops/{ids[0]}", reader)
            named = await asyncio.gather(
                *(visitor.part("directory", f"/api/v1/merchants/{each}") for each in ids)
            )
            return door.page("merchant/shops.html", visitor.reader, shops=dict(zip(ids, named, strict=True)))

        return await door.enter(request, reader, work)

    @routes.api_route("/shops/{merchant_id}", methods=["GET", "HEAD"])
    async def show_audience(merchant_id: UUID, request: Request, reader: Reader, now: Now) -> Response:
        """At a glance first, then what it is made of."""

        async def work(visitor: Visitor) -> Response:
            head, audience, growth, made_of, glance = await asyncio.gather(
                frame(visitor, merchant_id),
                visitor.found("notifications", f"{PATH}/{merchant_id}"),
                visitor.part("notifications", f"{PATH}/{merchant_id}/growth"),
                visitor.part("notifications", f"{PATH}/{merchant_id}/contributions", limit=_MOST_LISTED),
                visitor.part("campaigns", "/api/v1/elsewhere/glance", merchant=str(merchant_id)),
            )
            if audience is None:
                return door.renderer.not_there(reader)
            counted = weeks(audience["days"], audience["totals"], _today(now()))
            return door.page(
                "merchant/audience.html",
                visitor.reader,
                **head,
                audience=audience,
                growth=growth,
                weeks=counted,
                drawn=chart([each.total for each in counted]),
                made_of=items(made_of),
                glance=glance,
            )

        return await door.enter(request, reader, work)

    return routes


def _today(now: datetime) -> date:
    """The day that it is in Belgium."""
    return now.astimezone(_LOCAL).date()
