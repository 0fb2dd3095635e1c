"""The analysis plan over HTTP: its city's officers write it, before anything has begun."""

from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints, field_validator

from chassis.access import Access, may
from chassis.http import Body, Db, Shown
from chassis.identity import Role
from chassis.openapi import problems
from chassis.preconditions import IfMatch, etag
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import State
from services.campaigns.lifecycle.visible import must_be_visible
from services.campaigns.study import plans
from services.campaigns.study.domain.outcomes import RULE, SOLICITED, Outcome
from services.campaigns.study.domain.plan import SMALL_GROUP, StudyPlan

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

MayStudy = Annotated[Access, may(Role.consultant, Role.city_officer, Role.operator)]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,40}$")]


class PlanBody(Body):
    """What will be looked at, and compared with whom."""

    outcomes: list[Outcome] = Field(
        min_length=1, max_length=len(Outcome), description="The first one answers whether it worked."
    )
    comparison_district_ids: list[UUID] = Field(
        [], max_length=200, description="Where shops lie that it is compared with; none: anywhere outside it."
    )
    weeks_before: int = Field(ge=4, le=52)
    weeks_after: int = Field(ge=1, le=52, description="From its start on.")
    least_merchants: int = Field(10, ge=SMALL_GROUP, le=100_000, description="In each group.")
    least_counted: int = Field(20, ge=1, le=1_000_000, description="In both groups, over all weeks.")
    worth_percent: int = Field(20, ge=1, le=1_000, description="The smallest rise that matters.")

    @field_validator("outcomes", mode="before")
    @classmethod
    def _not_solicited(cls, given: object) -> object:
        """The rule, rather than a list of the names that there are."""
        for each in given if isinstance(given, list) else ():
            if isinstance(each, str) and each in SOLICITED:
                raise ValueError(f"{each} {RULE}")
        return given

    def plan(self, version: int) -> StudyPlan:
        """What was written, each outcome and district once."""
        once = {
            "outcomes": tuple(dict.fromkeys(self.outcomes)),
            "comparison_district_ids": tuple(dict.fromkeys(self.comparison_district_ids)),
        }
        return StudyPlan(**{**self.model_dump(), **once}, version=version)


class ShownPlan(Shown):
    """The plan, and whether it still can change."""

    outcomes: list[Outcome]
    comparison_district_ids: list[UUID]
    weeks_before: int
    weeks_after: int
    least_merchants: int
    least_counted: int
    worth_percent: int
    fixed: bool


@router.put("/{campaign_id}/study/plan", responses=problems(404, 409, 412, 428))
async def write_plan(
    *,
    campaign_id: UUID,
    body: PlanBody,
    who: Annotated[Access, may(Role.city_officer)],
    expected: IfMatch,
    database: Db,
    response: Response,
) -> ShownPlan:
    """Say beforehand what will be looked at. Where nothing was written yet, send `If-Match: "0"`."""
    async with database.transaction() as tx:
        found = await storage.find(tx, campaign_id, to_change=True)
        who.within(city_id=found.city_id)
        known = await plans.find(tx, campaign_id)
        version = known.version if known else 0
        expected.check(version)
        plan = await plans.write(tx, found, body.plan(version + 1))
    return _shown(plan, found.state, response)


@router.get("/{campaign_id}/study/plan", responses=problems(404))
async def read_plan(campaign_id: UUID, who: MayStudy, database: Db, response: Response) -> ShownPlan:
    """What will be looked at (the city's officers, consultants, operators)."""
    async with database.scoped(who.cities) as connection:
        found = await storage.find(connection, campaign_id)
        must_be_visible(who.principal, found)
        who.within(city_id=found.city_id)
        plan = plans.must_exist(await plans.find(connection, campaign_id))
    return _shown(plan, found.state, response)


def _shown(plan: StudyPlan, state: State, response: Response) -> ShownPlan:
    response.headers["ETag"] = etag(plan.version)
    fixed = state not in (State.DRAFT, State.SCHEDULED)
    return ShownPlan.model_validate({**msgspec.structs.asdict(plan), "fixed": fixed})
