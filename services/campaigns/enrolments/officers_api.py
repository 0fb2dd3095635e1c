"""Who asked to join a campaign, for the officers of its city; nobody's name is here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access, may
from chassis.http import Db, Listing, Now
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import invalid
from services.campaigns.enrolments.domain import Enrolment, Standing
from services.campaigns.enrolments.enrol import decide
from services.campaigns.enrolments.forms import ApplicationShown, Decision, EnrolmentShown, shown
from services.campaigns.enrolments.tables import declared_tie, enrolment
from services.campaigns.lifecycle import storage

router = APIRouter(prefix="/api/v1/campaigns", tags=["ambassadors"])

Officer = Annotated[Access, may(Role.city_officer)]
_STANDING = {
    Standing.PENDING: enrolment.c.approved_at.is_(None) & enrolment.c.refused_at.is_(None),
    Standing.APPROVED: enrolment.c.approved_at.is_not(None),
    Standing.REFUSED: enrolment.c.refused_at.is_not(None),
}


@router.get("/{campaign_id}/ambassadors", response_model=Listing[ApplicationShown])
async def applications(
    *,
    campaign_id: UUID,
    who: Officer,
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
    standing: Annotated[Standing | None, Query(description="In this standing only.")] = None,
) -> dict[str, Any]:
    """Who joined a campaign or asked to, the latest first."""
    async with database.scoped(who.cities) as connection:
        found = await storage.find(connection, campaign_id)
        who.within(city_id=found.city_id)
        wanted = enrolment.c.campaign_id == campaign_id
        if standing is not None:
            wanted &= _STANDING[standing]
        if (last := paging.after(UUID)) is not None:
            wanted &= enrolment.c.id < last
        query = select(enrolment).where(wanted).order_by(enrolment.c.id.desc()).limit(paging.limit + 1)
        rows = [Enrolment(**row) for row in (await connection.execute(query)).mappings()]
        ties = await _ties_of(connection, [each.contributor_id for each in rows])
    items = [_shown(each, ties) for each in rows]
    return page(request, response, items, paging.limit, lambda each: each["id"])


@router.put(
    "/{campaign_id}/ambassadors/{enrolment_id}/decision",
    response_model=EnrolmentShown,
    responses=problems(409),
)
async def decision(
    campaign_id: UUID,
    enrolment_id: UUID,
    body: Decision,
    *,
    who: Officer,
    database: Db,
    now: Now,
) -> dict[str, Any]:
    """Approve who asked to join, or refuse them with a reason. The first decision stands."""
    if not body.approved and not body.reason:
        raise invalid("reason", "whoever is refused is told why")
    refusal = None if body.approved else body.reason
    async with database.transaction() as tx:
        found = await storage.find(tx, campaign_id)
        who.within(city_id=found.city_id)
        decided = await decide(tx, campaign_id, enrolment_id, refusal=refusal, by=who.person_id, now=now())
    return shown(decided)


async def _ties_of(connection: AsyncConnection, contributors: list[UUID]) -> Mapping[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    query = select(declared_tie).where(declared_tie.c.contributor_id.in_(contributors))
    for row in (await connection.execute(query.order_by(declared_tie.c.merchant_id))).mappings():
        tie = {"merchant_id": row["merchant_id"], "tie": row["tie"]}
        found.setdefault(row["contributor_id"], []).append(tie)
    return found


def _shown(application: Enrolment, ties: Mapping[UUID, list[Any]]) -> dict[str, Any]:
    return {
        **shown(application),
        "adult": application.adult,
        "language": application.language,
        "introduction": application.introduction,
        "ties": ties.get(application.contributor_id, []),
    }
