"""Drafts over HTTP: for everybody, by the secret that came with the draft."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import Field

from chassis import limits
from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Now, Shown, SmallInt, Token
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.languages import ReadersLanguage
from chassis.limits import Limit
from chassis.network import Network
from chassis.openapi import problems
from chassis.preconditions import IfMatch, etag
from chassis.problems import invalid
from services.assessment import merchants
from services.assessment.assessments.shown import (
    ShownAssessment,
    ShownOutcome,
    assessment_shown,
    outcome_shown,
)
from services.assessment.assessments.submission import SubmitAssessment, submit_assessment
from services.assessment.drafts import use_cases
from services.assessment.drafts.use_cases import Draft
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.questionnaires.domain.answers import as_json, read_answers
from services.assessment.questionnaires.domain.mapping import Edition
from services.assessment.questionnaires.domain.questions import InvalidAnswer
from services.assessment.questionnaires.given import GivenAnswers

STARTED_IN_AN_HOUR = Limit("drafts started in an hour, by network", 600, timedelta(hours=1))
"""A hall full of shopkeepers is one network to us."""
STARTED_IN_A_DAY = Limit("drafts started in a day, by network", 2_000, timedelta(days=1))
"""What is begun is kept for a month: no network fills the disk."""

Secret = Annotated[str, Header(alias="Draft-Secret", pattern=r"^[A-Za-z0-9_-]{40,100}$")]
PATH = "/assessment-drafts"
NOT_KEPT = {"Cache-Control": "no-store"}
"""By no browser or proxy on the way: who asks next may be somebody else without the secret."""


class StartDraft(Body):
    questionnaire: Token
    version: Annotated[SmallInt, Field(ge=1)]
    answers: GivenAnswers = Field(default_factory=dict)


class SaveDraft(Body):
    """All answers so far: those that are left out are skipped questions."""

    answers: GivenAnswers


class HandIn(Body):
    merchant_id: UUID
    corrects: UUID | None = None


class ShownDraft(Shown):
    id: UUID
    questionnaire: str
    version: int
    answers: dict[str, list[str] | int]
    saved_at: datetime
    expires_at: datetime


class StartedDraft(ShownDraft):
    secret: str
    """Sent as `Draft-Secret` from now on. It is told this once; whoever has it has the draft."""


def router(catalogue: Catalogue) -> APIRouter:
    """The routes, over these published questionnaires."""
    routes = APIRouter(prefix="/api/v1", tags=["assessments"])
    _add_start(routes, catalogue)
    _add_saving(routes, catalogue)
    _add_outcome(routes, catalogue)
    _add_handing_in(routes, catalogue)
    return routes


def _add_start(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post(PATH, status_code=201, responses=problems(429), dependencies=[PUBLIC])
    async def start_draft(
        *, asked: StartDraft, database: Db, clock: Now, network: Network, response: Response
    ) -> StartedDraft:
        """Begin without an account. Kept for 30 days after the last save."""
        edition = Edition(asked.questionnaire, asked.version)
        for limit in (STARTED_IN_AN_HOUR, STARTED_IN_A_DAY):
            await limits.count(database, limit, network, clock())
        async with database.transaction() as tx:
            draft, secret = await use_cases.start(tx, catalogue, edition, asked.answers, clock())
        response.headers["ETag"] = etag(draft.version)
        response.headers["Location"] = f"/api/v1{PATH}/{draft.id}"
        response.headers.update(NOT_KEPT)
        return StartedDraft(**_fields(draft), secret=secret)


def _add_saving(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.get(f"{PATH}/{{draft_id}}", responses=problems(404), dependencies=[PUBLIC])
    async def show_draft(
        draft_id: UUID, secret: Secret, database: Db, clock: Now, response: Response
    ) -> ShownDraft:
        """The answers so far, to go on with."""
        async with database.connection() as connection:
            draft = await use_cases.find(connection, draft_id, secret, clock())
        return _told(draft, response)

    @routes.put(f"{PATH}/{{draft_id}}", responses=problems(404, 412, 428), dependencies=[PUBLIC])
    async def save_draft(
        *,
        draft_id: UUID,
        asked: SaveDraft,
        secret: Secret,
        expected: IfMatch,
        database: Db,
        clock: Now,
        response: Response,
    ) -> ShownDraft:
        """Save on the way. Two telephones on one draft: the second is told."""
        async with database.transaction() as tx:
            draft = await use_cases.find(tx, draft_id, secret, clock(), lock=True)
            expected.check(draft.version)
            saved = await use_cases.save(tx, catalogue, draft, asked.answers, clock())
        return _told(saved, response)

    @routes.delete(f"{PATH}/{{draft_id}}", status_code=204, responses=problems(404), dependencies=[PUBLIC])
    async def discard_draft(draft_id: UUID, secret: Secret, database: Db, clock: Now) -> None:
        """Forget it at once."""
        async with database.transaction() as tx:
            await use_cases.discard(tx, await use_cases.find(tx, draft_id, secret, clock(), lock=True))


def _add_outcome(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.get(f"{PATH}/{{draft_id}}/outcome", responses=problems(404), dependencies=[PUBLIC])
    async def show_outcome(
        *,
        draft_id: UUID,
        secret: Secret,
        database: Db,
        clock: Now,
        language: ReadersLanguage,
        response: Response,
    ) -> ShownOutcome:
        """What the answers come to, before anybody is told whose they are."""
        async with database.connection() as connection:
            draft = await use_cases.find(connection, draft_id, secret, clock())
        known = catalogue.published(draft.questionnaire, draft.questionnaire_version)
        try:
            answers = read_answers(known, draft.raw)
        except InvalidAnswer as error:
            raise invalid("answers", error.detail) from error
        response.headers.update(NOT_KEPT)
        return outcome_shown(known, answers, catalogue, language)


def _add_handing_in(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post(
        f"{PATH}/{{draft_id}}/assessment",
        status_code=201,
        response_model=ShownAssessment,
        responses=problems(404, 409),
    )
    async def hand_in(
        *,
        draft_id: UUID,
        asked: HandIn,
        secret: Secret,
        who: Annotated[Access, may(Role.merchant, Role.merchant_staff, Role.consultant)],
        attempt: Attempt,
        clock: Now,
        language: ReadersLanguage,
    ) -> Response:
        """Hand the draft in for a shop (its owner, or a consultant): it becomes an assessment."""

        async def work(tx: Any) -> Answer:
            # Asked first: when this is repeated the draft is gone, and the first answer is given again.
            who.within(city_id=await _city_of(tx, asked.merchant_id), merchant_id=asked.merchant_id)
            draft = await use_cases.find(tx, draft_id, secret, clock(), lock=True)
            command = SubmitAssessment(
                asked.merchant_id,
                draft.questionnaire,
                draft.questionnaire_version,
                draft.raw,
                asked.corrects,
            )
            completed = await submit_assessment(tx, catalogue, command, who, clock)
            await use_cases.discard(tx, draft)
            shown = assessment_shown(completed, catalogue, language)
            headers = {"Location": f"/api/v1/assessments/{completed.id}", "Content-Language": language}
            return Answer(201, shown.model_dump(mode="json"), headers)

        return await attempt.once(work)


async def _city_of(tx: Transaction, merchant_id: UUID) -> UUID:
    merchant = await merchants.find(tx, merchant_id)
    if merchant is None:
        raise invalid("merchant_id", "no such merchant is known here")
    return merchant.city_id


def _told(draft: Draft, response: Response) -> ShownDraft:
    response.headers["ETag"] = etag(draft.version)
    response.headers.update(NOT_KEPT)
    return ShownDraft(**_fields(draft))


def _fields(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "questionnaire": draft.questionnaire,
        "version": draft.questionnaire_version,
        "answers": as_json(draft.answers),
        "saved_at": draft.saved_at,
        "expires_at": draft.expires_at,
    }
