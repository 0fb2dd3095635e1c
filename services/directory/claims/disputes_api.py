"""Disputes over HTTP: seen by the city and both sides, decided by the city."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from chassis.access import MAY_PERSON, Access, may
from chassis.http import Body, Db, Listing, Now, ShortText, Shown
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.directory.claims import storage, use_cases
from services.directory.claims.domain import Decision, Dispute, How, Outcome
from services.directory.claims.tables import claim_dispute
from services.directory.people import storage as people

router = APIRouter(prefix="/api/v1", tags=["claims"])

OfTheCity = Annotated[Access, may(Role.city_officer)]


class DisputeShown(Shown):
    """Somebody claims a shop that another runs. `outcome` is null while its city has not decided."""

    id: UUID
    city_id: UUID
    merchant_id: UUID
    claimant_id: UUID
    opened_at: datetime
    how: How
    outcome: Outcome | None
    reason: str | None
    decided_at: datetime | None


class Decide(Body):
    """Who has the shop from now on, and why: both sides are told."""

    outcome: Outcome
    reason: ShortText


def dispute_shown(dispute: Dispute) -> DisputeShown:
    """A dispute as both sides see it: who confirmed a claim is the city's to know."""
    return DisputeShown(**{field: getattr(dispute, field) for field in DisputeShown.model_fields})


@router.get("/cities/{city_id}/disputes", response_model=Listing[DisputeShown])
async def list_disputes(
    *,
    city_id: UUID,
    request: Request,
    response: Response,
    who: OfTheCity,
    db: Db,
    paging: Paging,
    undecided: bool = False,
) -> dict[str, Any]:
    """Disputes over the city's shops, in the order they began (its officers)."""
    who.within(city_id=city_id)
    wanted = select(claim_dispute).where(claim_dispute.c.city_id == city_id).order_by(claim_dispute.c.id)
    if (after := paging.after(UUID)) is not None:
        wanted = wanted.where(claim_dispute.c.id > after)
    if undecided:
        wanted = wanted.where(claim_dispute.c.decided_at.is_(None))
    async with db.scoped(who.cities) as connection:
        rows = (await connection.execute(wanted.limit(paging.limit + 1))).all()
    found = [dispute_shown(storage.dispute_of(row)) for row in rows]
    return page(request, response, found, paging.limit, lambda each: each.id)


@router.get("/merchants/{merchant_id}/disputes/{dispute_id}", response_model=DisputeShown)
async def show_dispute(
    merchant_id: UUID, dispute_id: UUID, principal: Annotated[Principal, MAY_PERSON], db: Db
) -> DisputeShown:
    """One dispute: for its claimant, whoever runs the shop, the city's officers."""
    async with db.connection() as connection:
        found = await storage.dispute_by_id(connection, merchant_id, dispute_id)
        if found is None:
            raise not_found("dispute")
        sides = {found.claimant_id, *await people.owners_of(connection, merchant_id)}
    if principal.person_id not in sides:
        Access(principal, {Role.city_officer}).within(city_id=found.city_id)
    return dispute_shown(found)


@router.post(
    "/merchants/{merchant_id}/disputes/{dispute_id}/decision",
    response_model=DisputeShown,
    responses=problems(409, 410),
)
async def decide_dispute(
    *, merchant_id: UUID, dispute_id: UUID, asked: Decide, who: OfTheCity, db: Db, now: Now
) -> DisputeShown:
    """Decide who has the shop (its city's officers). Final: a second decision is 409."""
    async with db.transaction() as tx:
        found = await storage.dispute_by_id(tx, merchant_id, dispute_id)
        if found is None:
            raise not_found("dispute")
        who.within(city_id=found.city_id)
        decision = Decision(asked.outcome, asked.reason, who.person_id, now())
        decided = await use_cases.decide(tx, merchant_id, dispute_id, decision)
    return dispute_shown(decided)
