"""The tools that fit and the plan of one assessment, for those who may read it."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from chassis.access import Access
from chassis.database import Database
from chassis.http import Db, Now, Token
from chassis.languages import ReadersLanguage
from chassis.problems import invalid
from services.assessment.advice.catalogue import Catalogue
from services.assessment.advice.domain.plan import Means, make_plan
from services.assessment.advice.paper import drawn
from services.assessment.advice.shown_plan import FittingTools, PlanInWords, ShownPlan
from services.assessment.advice.words import AdviceWords
from services.assessment.assessments.api import Confidant
from services.assessment.assessments.submission import Assessment, found
from services.assessment.questionnaires.catalogue import Catalogue as Questionnaires
from services.assessment.questionnaires.domain.scoring import assess

_PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "The plan, one page.", "content": {"application/pdf": {}}}
}
TWO_HOURS = 2
"""What somebody who works alone or with a spouse finds in a week."""


@dataclass(frozen=True)
class Wished:
    """What a merchant says of their means."""

    hours_per_week: int
    budget: int | None
    uses: tuple[str, ...]

    def means(self, catalogue: Catalogue) -> Means:
        """Raises 422 for a tool in use that the catalogue does not have."""
        for key in self.uses:
            if key not in catalogue.tools:
                raise invalid("uses", f"{key} is no tool of the catalogue")
        equipped = {need for key in self.uses for need in catalogue.tools[key].needs}
        return Means(self.hours_per_week, self.budget, equipped)


async def _wished(
    hours_per_week: Annotated[int, Query(ge=1, le=40)] = TWO_HOURS,
    budget: Annotated[
        int | None, Query(ge=0, le=1_000_000, description="In euros, for the whole plan; no limit without.")
    ] = None,
    uses: Annotated[
        list[Token] | None, Query(max_length=50, description="Keys of tools that are in use already.")
    ] = None,
) -> Wished:
    return Wished(hours_per_week, budget, tuple(uses or ()))


Wishes = Annotated[Wished, Depends(_wished)]


def router(questionnaires: Questionnaires, catalogue: Catalogue, words: AdviceWords) -> APIRouter:
    """The routes, over this catalogue."""
    routes = APIRouter(prefix="/api/v1", tags=["assessments"])

    @routes.get("/assessments/{assessment_id}/tools")
    async def fitting_tools(
        assessment_id: UUID, who: Confidant, database: Db, language: ReadersLanguage, clock: Now
    ) -> FittingTools:
        """The three tools that fit the answers, then all; each with the questions that led to it."""
        assessment = await read(assessment_id, who, database)
        known = questionnaires.published(assessment.questionnaire, assessment.questionnaire_version)
        advice = assess(known, assessment.answers).advice
        return PlanInWords(known, catalogue, words, language).tools(advice, clock().date())

    @routes.get("/assessments/{assessment_id}/plan")
    async def plan(
        assessment_id: UUID, who: Confidant, database: Db, language: ReadersLanguage, wishes: Wishes
    ) -> ShownPlan:
        """A roadmap of twelve weeks within the hours and the budget; what brings most for an hour first."""
        return planned(await read(assessment_id, who, database), wishes, language)

    @routes.get("/assessments/{assessment_id}/plan.pdf", response_class=Response, responses=_PDF)
    async def print_plan(
        assessment_id: UUID, who: Confidant, database: Db, language: ReadersLanguage, wishes: Wishes
    ) -> Response:
        """The same plan on one page, to be printed."""
        assessment = await read(assessment_id, who, database)
        made = planned(assessment, wishes, language)
        pdf = await asyncio.to_thread(drawn, made, words.page, assessment.completed_at)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="plan-{assessment_id}.pdf"',
            "Content-Language": language,
        }
        return Response(pdf, headers=headers, media_type="application/pdf")

    def planned(assessment: Assessment, wishes: Wished, language: str) -> ShownPlan:
        means = wishes.means(catalogue)
        known = questionnaires.published(assessment.questionnaire, assessment.questionnaire_version)
        made = make_plan(known, assessment.answers, catalogue.actions, means)
        return PlanInWords(known, catalogue, words, language).plan(assessment.id, made, means, wishes.uses)

    return routes


async def read(assessment_id: UUID, who: Access, database: Database) -> Assessment:
    """That assessment, where the caller may see it. Raises 404 and 403."""
    async with database.scoped(who.cities) as connection:
        assessment = await found(connection, assessment_id)
    who.within(city_id=assessment.city_id, merchant_id=assessment.merchant_id)
    return assessment
