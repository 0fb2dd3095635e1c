"""A page for each step of a plan that is one form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from chassis.forms import pairs_of
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import Unanswered, part
from services.portal.reader import Reader
from services.portal.shops import Shop, read_shop
from services.portal.staff.entrance import page
from services.portal.staff.planning.campaign import Plan, Refusal, read_plan, revise
from services.portal.staff.planning.steps import STEPS, Step, after, order_of
from services.portal.towns import Towns
from services.portal.visitors import Door, Visitor, see_other

MOST_FIELDS = 400
"""Of a step: each district of a city, and each kind of shop, is a box."""
_SHOPS_NAMED = 30


class Named(Struct):
    id: UUID
    name: str


class DistrictNames(Struct):
    items: list[Named]


def add_steps(routes: APIRouter, door: Door, towns: Towns) -> None:
    """Each has its path; what it saves is in the draft before the next one is shown."""
    for step in STEPS.values():
        _add_step(routes, door, towns, step)


def _add_step(routes: APIRouter, door: Door, towns: Towns, step: Step) -> None:
    async def shown(visitor: Visitor, plan: Plan, form: Mapping[str, str], refusal: Refusal) -> Response:
        more = await _places(visitor, towns, plan) if step.name == "where" else {}
        return step_page(door, visitor, plan, step.name, form=form, refusal=refusal, **more)

    @routes.api_route(f"/{{campaign_id}}/edit/{step.name}", methods=["GET", "HEAD"])
    async def show_step(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """The form as the draft has it."""

        async def work(visitor: Visitor) -> Response:
            plan = await read_plan(visitor, campaign_id)
            return await shown(visitor, plan, step.values(plan.campaign), Refusal())

        return await door.enter(request, reader, work)

    @routes.post(f"/{{campaign_id}}/edit/{step.name}", dependencies=[OF_THIS_SITE])
    async def save_step(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """Keep it in the draft, and go on."""
        form = dict(await pairs_of(request, MOST_FIELDS))

        async def work(visitor: Visitor) -> Response:
            plan = await read_plan(visitor, campaign_id)
            body, faults = step.changes(plan.campaign, form)
            refusal: Refusal | None = Refusal(faults)
            if not faults:
                refusal = await revise(visitor, campaign_id, body, form.get("version", ""))
            if refusal is None:
                return on(plan, reader, step.name, form)
            if refusal.meanwhile:
                plan = await read_plan(visitor, campaign_id)
            return await shown(visitor, plan, form, refusal)

        return await door.enter(request, reader, work)


def open_steps(plan: Plan) -> tuple[str, ...]:
    """To whoever plans it, as it stands."""
    return order_of(is_draft=plan.campaign.is_draft, is_officer=plan.is_officer)


def on(plan: Plan, reader: Reader, step: str, form: Mapping[str, str]) -> Response:
    """To the next step, or to the overview where that was wished for."""
    following = None if form.get("do") == "back" else after(step, open_steps(plan))
    path = f"/desk/campaigns/{plan.campaign.id}/edit"
    return see_other(f"{path}/{following}" if following else path, reader, done="saved")


def step_page(
    door: Door,
    visitor: Visitor,
    plan: Plan,
    name: str,
    *,
    form: Mapping[str, str],
    refusal: Refusal,
    **more: Any,
) -> Response:
    """With what was typed, what is wrong with it, and what somebody else changed meanwhile."""
    shown: dict[str, Any] = {"campaign": plan.campaign, "city_id": plan.campaign.city_id, "step": name}
    shown |= {"order": open_steps(plan), "form": form, "refusal": refusal}
    shown["is_officer"] = plan.is_officer
    answer = page(door, f"planning/{name}.html", visitor, city=plan.city, **{**shown, **more})
    answer.status_code = 422 if refusal.faults else 200
    return answer


async def read_districts(visitor: Visitor, city_id: UUID) -> list[Named]:
    """Of a city, the first hundred, by name. Raises Unanswered."""
    path = f"/api/v1/cities/{city_id}/districts"
    found = await visitor.shaped(DistrictNames, "directory", path, limit=100)
    return sorted(found.items, key=lambda each: each.name)


async def _places(visitor: Visitor, towns: Towns, plan: Plan) -> dict[str, Any]:
    """Districts, kinds of shops, and the chosen shops by name; None where nobody tells."""
    campaign = plan.campaign
    districts, overview, chosen = await asyncio.gather(
        part(read_districts(visitor, campaign.city_id)),
        part(towns.overview(campaign.city_id, visitor.language)),
        read_shops(visitor, campaign.merchant_ids[:_SHOPS_NAMED]),
    )
    kinds = overview.kinds if overview else []
    known = {kind for kind, _, _ in kinds}
    kinds += [(kind, kind.partition("=")[2], 0) for kind in campaign.kinds if kind not in known]
    return {"districts": districts, "kinds": kinds, "chosen": chosen}


async def read_shops(visitor: Visitor, ids: list[UUID]) -> list[Shop]:
    """Those that the directory tells of."""
    found = await asyncio.gather(*[_shop(visitor, each) for each in ids])
    return [each for each in found if each is not None]


async def _shop(visitor: Visitor, merchant_id: UUID) -> Shop | None:
    try:
        return await read_shop(visitor.neighbours, merchant_id, visitor.language)
    except Unanswered:
        return None
