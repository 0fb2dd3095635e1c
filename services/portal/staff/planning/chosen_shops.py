"""Single shops that a campaign is for: looked for by name, added and taken out one by one."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.forms import form_of
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import part
from services.portal.reader import Reader
from services.portal.shops import Shop
from services.portal.staff.planning.campaign import Plan, Refusal, read_plan, revise
from services.portal.staff.planning.step_pages import read_shops, step_page
from services.portal.towns import Result
from services.portal.visitors import Door, Visitor, see_other

_FOUND = 20
_NAMED = 60
"""Of the chosen ones; a thousand can be chosen."""
Wanted = Annotated[str, Query(max_length=100)]


def add_chosen_shops(routes: APIRouter, door: Door) -> None:
    """A page of the step that says where."""

    async def shown(visitor: Visitor, plan: Plan, q: str, refusal: Refusal) -> Response:
        chosen = await read_shops(visitor, plan.campaign.merchant_ids[:_NAMED])
        found = await part(_search(visitor, plan, q)) if q.strip() else []
        return step_page(
            door,
            visitor,
            plan,
            "shops",
            form={"q": q},
            refusal=refusal,
            chosen=chosen,
            found=found,
            place=f"{urlencode({'q': q})}&",
        )

    @routes.api_route("/{campaign_id}/edit/shops", methods=["GET", "HEAD"])
    async def show_shops(campaign_id: UUID, reader: Reader, request: Request, q: Wanted = "") -> Response:
        """Those that were chosen, and those that are found by `q`."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, await read_plan(visitor, campaign_id), q, Refusal())

        return await door.enter(request, reader, work)

    @routes.post("/{campaign_id}/edit/shops", dependencies=[OF_THIS_SITE])
    async def choose_shop(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """One more, or one less."""
        form = await form_of(request)
        q = form.get("q", "")[:100]

        async def work(visitor: Visitor) -> Response:
            plan = await read_plan(visitor, campaign_id)
            ids = [str(each) for each in plan.campaign.merchant_ids]
            shop = form.get("shop", "")
            chosen = [each for each in ids if each != shop]
            if form.get("do") == "add":
                chosen = [*chosen, shop]
            refusal = await revise(visitor, campaign_id, {"merchant_ids": chosen}, form.get("version", ""))
            if refusal is not None:
                return await shown(visitor, await read_plan(visitor, campaign_id), q, refusal)
            return see_other(reader.path, reader, q=q, done="saved")

        return await door.enter(request, reader, work)


async def _search(visitor: Visitor, plan: Plan, q: str) -> list[Shop]:
    asked: dict[str, str | int] = {"q": q, "city": str(plan.campaign.city_id), "limit": _FOUND}
    result = await visitor.shaped(Result, "directory", "/api/v1/merchants/search", **asked)
    return [each.merchant for each in result.items if each.merchant.id not in plan.campaign.merchant_ids]
