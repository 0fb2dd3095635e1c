"""What an assessment found: scores and why, a plan that fits time and budget, and tools side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from services.portal.merchant.desk import frame
from services.portal.reader import Reader
from services.portal.visitors import Door, Visitor, see_other

PATH = "/api/v1/assessments"
_MOST_COMPARED = 4
Hours = Annotated[int, Query(ge=1, le=40)]
Budget = Annotated[str, Query(max_length=6)]
Chosen = Annotated[list[str], Query(max_length=20)]


def router(door: Door) -> APIRouter:
    """The result, its plan, the plan on paper, and its tools."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    _add_result(routes, door)
    _add_plan(routes, door)
    _add_tools(routes, door)
    return routes


def _add_result(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/shops/{merchant_id}/assessment/{assessment_id}", methods=["GET", "HEAD"])
    async def show_result(
        merchant_id: UUID, assessment_id: UUID, request: Request, reader: Reader
    ) -> Response:
        """Scores as bars with their table, why each is what it is, and what comes first."""

        async def work(visitor: Visitor) -> Response:
            head, found = await asyncio.gather(
                frame(visitor, merchant_id), visitor.found("assessment", f"{PATH}/{assessment_id}")
            )
            if found is None or found["merchant_id"] != str(merchant_id):
                return door.renderer.not_there(reader)
            return door.page("merchant/result.html", visitor.reader, **head, found=found)

        return await door.enter(request, reader, work)


def _add_plan(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/shops/{merchant_id}/assessment/{assessment_id}/plan", methods=["GET", "HEAD"])
    async def show_plan(
        *,
        merchant_id: UUID,
        assessment_id: UUID,
        request: Request,
        reader: Reader,
        hours_per_week: Hours = 2,
        budget: Budget = "",
    ) -> Response:
        """Twelve weeks within the hours and the budget; both are changed on the page."""
        query = _limits(hours_per_week, budget)

        async def work(visitor: Visitor) -> Response:
            head, plan = await asyncio.gather(
                frame(visitor, merchant_id),
                visitor.found("assessment", f"{PATH}/{assessment_id}/plan", **query),
            )
            if plan is None:
                return door.renderer.not_there(reader)
            limits = urlencode(query)
            return door.page(
                "merchant/plan.html", visitor.reader, **head, plan=plan, limits=limits, place=f"{limits}&"
            )

        return await door.enter(request, reader, work)

    @routes.get("/shops/{merchant_id}/assessment/{assessment_id}/plan.pdf")
    async def print_plan(
        *,
        merchant_id: UUID,
        assessment_id: UUID,
        request: Request,
        reader: Reader,
        hours_per_week: Hours = 2,
        budget: Budget = "",
    ) -> Response:
        """The same on one page, to hang up."""
        asked = urlencode({"language": reader.language, **_limits(hours_per_week, budget)})

        async def work(visitor: Visitor) -> Response:
            token = visitor.session.token
            path = f"{PATH}/{assessment_id}/plan.pdf?{asked}"
            paper = await visitor.neighbours.paper("assessment", path, token)
            if paper is None:
                return see_other(f"/shops/{merchant_id}/assessment", reader)
            headers = {"Cache-Control": "no-store", "Content-Disposition": 'inline; filename="plan.pdf"'}
            return Response(paper, media_type="application/pdf", headers=headers)

        return await door.enter(request, reader, work)


def _add_tools(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/shops/{merchant_id}/assessment/{assessment_id}/tools", methods=["GET", "HEAD"])
    async def show_tools(
        *,
        merchant_id: UUID,
        assessment_id: UUID,
        request: Request,
        reader: Reader,
        tool: Chosen = [],  # noqa: B006 - FastAPI copies it
    ) -> Response:
        """Three that fit, then all; two to four that were ticked are compared field by field."""
        chosen = [each for each in dict.fromkeys(tool) if each.replace("-", "").isalnum()][:_MOST_COMPARED]

        async def work(visitor: Visitor) -> Response:
            head, tools, compared = await asyncio.gather(
                frame(visitor, merchant_id),
                visitor.found("assessment", f"{PATH}/{assessment_id}/tools"),
                _compared(visitor, chosen),
            )
            if tools is None:
                return door.renderer.not_there(reader)
            place = "".join(f"{urlencode({'tool': each})}&" for each in chosen)
            return door.page(
                "merchant/tools.html",
                visitor.reader,
                **head,
                tools=tools,
                compared=compared,
                chosen=chosen,
                place=place,
                assessment_id=assessment_id,
            )

        return await door.enter(request, reader, work)


async def _compared(visitor: Visitor, chosen: list[str]) -> Mapping[str, Any] | None:
    """None where there are fewer than two, or one that is none."""
    if len(chosen) < 2:
        return None
    asked = urlencode([("language", visitor.language), *(("tool", each) for each in chosen)])
    answer = await visitor.neighbours.send("GET", "assessment", f"/api/v1/tools/comparison?{asked}")
    return answer.body if answer.status == 200 else None


def _limits(hours: int, budget: str) -> dict[str, str | int]:
    """What the plan is to fit; without a budget it may cost what it costs."""
    return {"hours_per_week": hours, **({"budget": budget} if budget.isascii() and budget.isdigit() else {})}
