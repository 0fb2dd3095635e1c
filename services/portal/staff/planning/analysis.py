"""What will be looked at afterwards, said beforehand; and who answers for it, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Struct

from chassis.forms import form_of, pairs_of
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import Unanswered, part
from services.portal.reader import Reader
from services.portal.staff.planning.campaign import (
    CAMPAIGNS,
    Plan,
    Refusal,
    etag_of,
    read_plan,
    refusal_of,
)
from services.portal.staff.planning.step_pages import MOST_FIELDS, on, read_districts, step_page
from services.portal.staff.planning.steps import ids_ticked, number_of
from services.portal.visitors import Door, Visitor

OUTCOMES = (
    "page-visit",
    "qr-visit",
    "follow",
    "claim",
    "assessment",
    "training-request",
    "reviews-elsewhere",
)
NUMBERS = {
    "weeks_before": 8,
    "weeks_after": 8,
    "least_merchants": 10,
    "least_counted": 20,
    "worth_percent": 20,
}
"""What a plan says beside the outcomes, and what is proposed."""


class StudyPlan(Struct):
    outcomes: list[str]
    comparison_district_ids: list[UUID]
    weeks_before: int
    weeks_after: int
    least_merchants: int
    least_counted: int
    worth_percent: int
    fixed: bool = False


def add_analysis(routes: APIRouter, door: Door) -> None:
    """Two forms: of the study, and of the person."""
    _add_study(routes, door)
    _add_responsible(routes, door)


async def _read(visitor: Visitor, campaign_id: UUID) -> tuple[StudyPlan | None, str]:
    """The plan and its version; none, and 0, where nothing was written yet. Raises Unanswered."""
    answer = await visitor.send("GET", "campaigns", f"{CAMPAIGNS}/{campaign_id}/study/plan")
    if answer.status in (403, 404):
        return None, "0"
    try:
        return msgspec.convert(answer.body, StudyPlan), answer.etag.strip('"')
    except msgspec.ValidationError as error:
        raise Unanswered(f"campaigns: {error}") from error


def _values(study: StudyPlan | None, version: str) -> dict[str, str]:
    if study is None:
        return {
            **{name: str(number) for name, number in NUMBERS.items()},
            "main": OUTCOMES[0],
            "study": version,
        }
    return {
        **{name: str(getattr(study, name)) for name in NUMBERS},
        **{f"outcome-{each}": "yes" for each in study.outcomes[1:]},
        **{f"compare-{each}": "yes" for each in study.comparison_district_ids},
        "main": study.outcomes[0],
        "study": version,
    }


def _body(form: Mapping[str, str]) -> dict[str, Any]:
    also = [each for each in OUTCOMES if form.get(f"outcome-{each}")]
    return {
        "outcomes": list(dict.fromkeys([form.get("main", ""), *also])),
        "comparison_district_ids": ids_ticked(form, "compare-"),
        **{name: number_of(form.get(name, "").strip()) for name in NUMBERS},
    }


def _add_study(routes: APIRouter, door: Door) -> None:
    async def shown(visitor: Visitor, plan: Plan, form: Mapping[str, str], refusal: Refusal) -> Response:
        districts = await part(read_districts(visitor, plan.campaign.city_id))
        told = {"districts": districts, "outcomes": OUTCOMES, "numbers": NUMBERS}
        return step_page(door, visitor, plan, "analysis", form=form, refusal=refusal, **told)

    @routes.api_route("/{campaign_id}/edit/analysis", methods=["GET", "HEAD"])
    async def show_analysis(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """As it is written, or as it is proposed."""

        async def work(visitor: Visitor) -> Response:
            plan = await read_plan(visitor, campaign_id)
            return await shown(visitor, plan, _values(*await _read(visitor, campaign_id)), Refusal())

        return await door.enter(request, reader, work)

    @routes.post("/{campaign_id}/edit/analysis", dependencies=[OF_THIS_SITE])
    async def write_analysis(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """It can be changed until the campaign begins."""
        form = dict(await pairs_of(request, MOST_FIELDS))

        async def work(visitor: Visitor) -> Response:
            plan, body = await read_plan(visitor, campaign_id), _body(form)
            refusal: Refusal | None = Refusal({name: "no-number" for name in NUMBERS if body[name] is None})
            if not refusal.faults:  # type: ignore[union-attr]
                path, etag = f"{CAMPAIGNS}/{campaign_id}/study/plan", etag_of(form.get("study", ""))
                refusal = refusal_of(await visitor.write("PUT", "campaigns", path, body, etag=etag))
            if refusal is None:
                return on(plan, reader, "analysis", form)
            _, version = await _read(visitor, campaign_id)
            return await shown(visitor, plan, form | {"study": version}, refusal)

        return await door.enter(request, reader, work)


class WithVersion(Struct):
    version: int


def _add_responsible(routes: APIRouter, door: Door) -> None:
    async def version_of(visitor: Visitor, plan: Plan) -> str:
        path = f"/api/v1/cities/{plan.campaign.city_id}"
        return str((await visitor.shaped(WithVersion, "directory", path)).version)

    @routes.api_route("/{campaign_id}/edit/responsible", methods=["GET", "HEAD"])
    async def show_responsible(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """Who answers for what the city does, in public."""

        async def work(visitor: Visitor) -> Response:
            plan = await read_plan(visitor, campaign_id)
            named = plan.city.responsible if plan.city else None
            form = {"person": named.name if named else "", "role": named.role if named else ""}
            form["of_city"] = await version_of(visitor, plan)
            return step_page(door, visitor, plan, "responsible", form=form, refusal=Refusal())

        return await door.enter(request, reader, work)

    @routes.post("/{campaign_id}/edit/responsible", dependencies=[OF_THIS_SITE])
    async def name_responsible(campaign_id: UUID, reader: Reader, request: Request) -> Response:
        """Of the city, and so of all its campaigns."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            plan = await read_plan(visitor, campaign_id)
            body = {"name": form.get("person", "").strip(), "role": form.get("role", "").strip()}
            lacking = {
                field: "missing" for field, name in (("person", "name"), ("role", "role")) if not body[name]
            }
            refusal: Refusal | None = Refusal(lacking)
            named = plan.city.responsible if plan.city else None
            if named is not None and body == {"name": named.name, "role": named.role}:
                refusal = None  # nothing to change, which whoever may not change it may say too
            elif not lacking:
                path = f"/api/v1/cities/{plan.campaign.city_id}/responsible"
                etag = etag_of(form.get("of_city", ""))
                refusal = refusal_of(await visitor.write("PUT", "directory", path, body, etag=etag))
            if refusal is None:
                return on(plan, reader, "responsible", form)
            form["of_city"] = await version_of(visitor, plan)
            return step_page(door, visitor, plan, "responsible", form=form, refusal=refusal)

        return await door.enter(request, reader, work)
