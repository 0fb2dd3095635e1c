"""Joining a campaign over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.access import MAY_PERSON
from chassis.database import Transaction
from chassis.http import Db, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Principal
from chassis.problems import not_found
from services.campaigns.contributors import known_contributor
from services.campaigns.enrolments.enrol import Enrolment, enrol, find
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import State

router = APIRouter(prefix="/api/v1/campaigns", tags=["ambassadors"])


class EnrolmentShown(Shown):
    """An ambassador's part in a campaign."""

    id: UUID
    campaign_id: UUID
    enrolled_at: datetime


@router.post(
    "/{campaign_id}/ambassadors",
    status_code=201,
    response_model=EnrolmentShown,
    responses={200: {"description": "Joined before", "model": EnrolmentShown}},
)
async def join(
    campaign_id: UUID, principal: Annotated[Principal, MAY_PERSON], attempt: Attempt, now: Now
) -> Response:
    """Become an ambassador of a campaign that is scheduled or running; 200 for who already is."""

    async def work(tx: Transaction) -> Answer:
        campaign = await storage.find(tx, campaign_id)
        if campaign.state is State.DRAFT:
            raise not_found("campaign")
        enrolled, is_new = await enrol(tx, campaign, principal.person_id, now())
        location = f"{router.prefix}/{campaign_id}/ambassadors/me"
        return Answer(201 if is_new else 200, _shown(enrolled), {"Location": location})

    return await attempt.once(work)


@router.get("/{campaign_id}/ambassadors/me", response_model=EnrolmentShown)
async def read(
    campaign_id: UUID, principal: Annotated[Principal, MAY_PERSON], database: Db
) -> dict[str, Any]:
    """One's own part in a campaign; 404 for who has not joined."""
    async with database.connection() as connection:
        contributor_id = await known_contributor(connection, principal.person_id)
        enrolled = contributor_id and await find(connection, campaign_id, contributor_id)
    if not enrolled:
        raise not_found("enrolment")
    return _shown(enrolled)


def _shown(enrolled: Enrolment) -> dict[str, Any]:
    return {"id": enrolled.id, "campaign_id": enrolled.campaign_id, "enrolled_at": enrolled.enrolled_at}
