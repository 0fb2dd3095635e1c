"""HTTP in and out of the assessment."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from chassis.access import Access, may
from chassis.http import Body, Db, Listing, Now, SmallInt, Token
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import conflict, not_found
from services.assessment import merchants
from services.assessment.assessments.attaching import AttachForm, attach
from services.assessment.assessments.shown import (
    AssessmentSummary,
    ShownAssessment,
    ShownComparison,
    assessment_shown,
    comparison_shown,
    summary,
)
from services.assessment.assessments.submission import (
    SubmitAssessment,
    found,
    from_row,
    submit_assessment,
    with_corrections,
)
from services.assessment.assessments.tables import assessments
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.comparison import NotComparable, Taken, compare
from services.assessment.questionnaires.given import GivenAnswers

CONFIDANTS = (Role.merchant, Role.merchant_staff, Role.consultant)
Confidant = Annotated[Access, may(*CONFIDANTS)]
"""An assessment is between a merchant and its consultants; a city sees no single one of them."""


class Submission(Body):
    merchant_id: UUID
    questionnaire: Token
    version: Annotated[SmallInt, Field(ge=1)]
    answers: GivenAnswers
    corrects: UUID | None = None
    """An earlier assessment of the same merchant whose answers these put right. It stays, as corrected."""


class Attaching(Body):
    merchant_id: UUID
    secret: Annotated[str, Field(max_length=100)]
    """As it was given for the form."""


def router(catalogue: Catalogue) -> APIRouter:
    """The routes, over these published questionnaires."""
    routes = APIRouter(prefix="/api/v1")
    _add_submission(routes, catalogue)
    _add_attaching(routes, catalogue)
    _add_reading(routes, catalogue)
    _add_comparison(routes, catalogue)
    return routes


def _add_submission(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post("/assessments", status_code=201, response_model=ShownAssessment, tags=["assessments"])
    async def submit(
        submission: Submission, who: Confidant, attempt: Attempt, clock: Now, language: ReadersLanguage
    ) -> Response:
        """Hand in the answers of a merchant (its owner, or a consultant): score, reasons and next steps."""
        command = SubmitAssessment(
            submission.merchant_id,
            submission.questionnaire,
            submission.version,
            submission.answers,
            submission.corrects,
        )

        async def work(tx: Any) -> Answer:
            completed = await submit_assessment(tx, catalogue, command, who, clock)
            shown = assessment_shown(completed, catalogue, language)
            headers = {"Location": f"/api/v1/assessments/{completed.id}", "Content-Language": language}
            return Answer(201, shown.model_dump(mode="json"), headers)

        return await attempt.once(work)


def _add_attaching(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post(
        "/assessments/{assessment_id}/merchant",
        response_model=ShownAssessment,
        responses=problems(404, 409),
        tags=["assessments"],
    )
    async def attach_form(
        *,
        assessment_id: UUID,
        attaching: Attaching,
        who: Annotated[Access, may(Role.merchant)],
        attempt: Attempt,
        clock: Now,
        language: ReadersLanguage,
    ) -> Response:
        """Make a form that was handed in at a session that of one's shop, by its secret (the owner); once."""

        async def work(tx: Any) -> Answer:
            command = AttachForm(assessment_id, attaching.secret, attaching.merchant_id)
            attached = await attach(tx, command, who, clock())
            shown = assessment_shown(attached, catalogue, language)
            return Answer(200, shown.model_dump(mode="json"), {"Content-Language": language})

        return await attempt.once(work)


def _add_reading(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.get("/assessments", responses=problems(404), tags=["assessments"])
    async def list_assessments(
        *,
        merchant: UUID,
        who: Confidant,
        database: Db,
        paging: Paging,
        request: Request,
        response: Response,
    ) -> Listing[AssessmentSummary]:
        """A merchant's assessments, the latest first (its owner, or a consultant)."""
        before = paging.after(UUID)
        query = with_corrections().where(assessments.c.merchant_id == merchant)
        if before is not None:
            query = query.where(assessments.c.id < before)
        query = query.order_by(assessments.c.id.desc()).limit(paging.limit + 1)
        async with database.scoped(who.cities) as connection:
            known = await merchants.find(connection, merchant)
            if known is None:
                raise not_found("merchant")
            who.within(city_id=known.city_id, merchant_id=merchant)
            rows = (await connection.execute(query)).mappings().all()
        shown = [summary(from_row(row)) for row in rows]
        return Listing(**page(request, response, shown, paging.limit, lambda item: item.id))

    @routes.get("/assessments/{assessment_id}", tags=["assessments"])
    async def show_assessment(
        assessment_id: UUID, who: Confidant, database: Db, language: ReadersLanguage
    ) -> ShownAssessment:
        """One assessment with its reasons and next steps (its owner, or a consultant)."""
        async with database.scoped(who.cities) as connection:
            assessment = await found(connection, assessment_id)
        who.within(city_id=assessment.city_id, merchant_id=assessment.merchant_id)
        return assessment_shown(assessment, catalogue, language)


def _add_comparison(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.get(
        "/assessments/{assessment_id}/comparison",
        responses=problems(404, 409),
        tags=["assessments"],
    )
    async def compare_assessments(
        assessment_id: UUID, since: UUID, who: Confidant, database: Db, language: ReadersLanguage
    ) -> ShownComparison:
        """What changed since an earlier assessment of the same merchant (its owner, or a consultant).

        Two versions of a questionnaire are compared over the questions that are declared to ask the same,
        both scored anew over these; 409 where nothing is declared.
        """
        async with database.scoped(who.cities) as connection:
            after = await found(connection, assessment_id)
            who.within(city_id=after.city_id, merchant_id=after.merchant_id)
            before = await found(connection, since)
        if before.merchant_id != after.merchant_id:
            raise not_found("assessment")
        old, new = (
            Taken(catalogue.published(each.questionnaire, each.questionnaire_version), each.answers)
            for each in (before, after)
        )
        try:
            comparison = compare(old, new, catalogue.mapping(old.questionnaire, new.questionnaire))
        except NotComparable as why:
            raise conflict("not-comparable", str(why)) from why
        return comparison_shown(before, after, comparison, language)
