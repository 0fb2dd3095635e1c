"""Joining a campaign over HTTP, and deciding on who asked to."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.access import MAY_PERSON, PUBLIC
from chassis.database import Transaction
from chassis.http import Db, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Principal
from chassis.languages import ReadersLanguage
from chassis.problems import conflict, not_found
from services.campaigns.contributors import known_contributor
from services.campaigns.enrolments.enrol import enrol, find
from services.campaigns.enrolments.forms import EnrolmentShown, Joining, shown
from services.campaigns.enrolments.pledges import newest
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import State

router = APIRouter(prefix="/api/v1", tags=["ambassadors"])


class PledgeShown(Shown):
    """What ambassadors promise."""

    version: int
    since: date
    text: str


@router.get("/campaign-pledge", dependencies=[PUBLIC])
async def pledge(language: ReadersLanguage) -> PledgeShown:
    """What whoever joins a campaign accepts."""
    current = newest()
    return PledgeShown(version=current.version, since=current.since, text=current.text.into(language))


@router.post(
    "/campaigns/{campaign_id}/ambassadors",
    status_code=201,
    response_model=EnrolmentShown,
    responses={200: {"description": "Joined before", "model": EnrolmentShown}},
)
async def join(
    campaign_id: UUID,
    body: Joining,
    principal: Annotated[Principal, MAY_PERSON],
    attempt: Attempt,
    now: Now,
) -> Response:
    """Become an ambassador of a campaign that is scheduled or running; 200 for who already is.

    Where the campaign asks for approval, what they do counts once an officer approved.
    """
    if body.pledge != newest().version:
        detail = "The pledge has another wording now. Read it again, then accept that one."
        raise conflict("pledge-changed", detail, field="pledge", version=newest().version)

    async def work(tx: Transaction) -> Answer:
        campaign = await storage.find(tx, campaign_id)
        if campaign.state is State.DRAFT:
            raise not_found("campaign")
        enrolled, is_new = await enrol(tx, campaign, principal.person_id, body.declared(), now())
        location = f"/api/v1/campaigns/{campaign_id}/ambassadors/me"
        return Answer(201 if is_new else 200, shown(enrolled), {"Location": location})

    return await attempt.once(work)


@router.get("/campaigns/{campaign_id}/ambassadors/me", response_model=EnrolmentShown)
async def read(
    campaign_id: UUID, principal: Annotated[Principal, MAY_PERSON], database: Db
) -> dict[str, Any]:
    """One's own part in a campaign; 404 for who has not joined."""
    async with database.connection() as connection:
        contributor_id = await known_contributor(connection, principal.person_id)
        enrolled = contributor_id and await find(connection, campaign_id, contributor_id)
    if not enrolled:
        raise not_found("enrolment")
    return shown(enrolled)
