"""Proposed shops over HTTP: brought by the assessment, decided by the city's officers."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from chassis.access import Access, may, may_service
from chassis.http import Body, Db, Listing, Now, ShortText, Shown
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.directory.cities import storage as cities
from services.directory.merchants.details import Details
from services.directory.merchants.forms import (
    Kind,
    Latitude,
    Line,
    Longitude,
    ReviseMerchant,
    require_in_country,
)
from services.directory.proposals import use_cases
from services.directory.proposals.domain import WORDS, Proposal, Reason, State
from services.directory.proposals.tables import merchant_proposal

router = APIRouter(prefix="/api/v1", tags=["merchants"])
Officer = Annotated[Access, may(Role.city_officer)]


class Propose(Body):
    city_id: UUID
    name: ShortText
    street: Line
    house_number: Line | None = None
    postcode: Line
    kind: Kind


class Accept(ReviseMerchant):
    """Where it lies, and what the officer puts right of what was proposed."""

    longitude: Longitude
    latitude: Latitude
    owner_agrees: bool = False
    """Said where the shop objected to being listed once and its owner has changed their mind."""

    def details(self, proposal: Proposal) -> Details:
        proposed = {name: getattr(proposal, name) for name in WORDS}
        said = self.changes()
        said.pop("owner_agrees", None)
        return Details(**{**proposed, **said})


class Recognise(Body):
    merchant_id: UUID


class Refuse(Body):
    reason: Reason


class ProposalShown(Shown):
    id: UUID
    city_id: UUID
    name: str | None
    street: str | None
    house_number: str | None
    postcode: str | None
    kind: str | None
    """Null once it is decided."""
    proposed_at: datetime
    state: State
    merchant_id: UUID | None
    reason: Reason | None
    decided_at: datetime | None


@router.put("/merchant-proposals/{proposal_id}", status_code=204, responses=problems(429))
async def propose_merchant(
    proposal_id: UUID,
    asked: Propose,
    _who: Annotated[Principal, may_service("assessment")],
    db: Db,
    now: Now,
) -> None:
    """Bring a shop that somebody missed while assessing it (the assessment). Brought twice, it is one."""
    async with db.transaction() as tx:
        await use_cases.propose(tx, Proposal(proposal_id, **asked.model_dump(), proposed_at=now()))


@router.get("/cities/{city_id}/merchant-proposals", response_model=Listing[ProposalShown])
async def list_proposals(
    *,
    city_id: UUID,
    request: Request,
    response: Response,
    who: Officer,
    db: Db,
    paging: Paging,
    state: State = State.PROPOSED,
) -> dict[str, Any]:
    """Shops that are proposed in the city, the first first (its officers)."""
    who.within(city_id=city_id)
    known = merchant_proposal.c
    wanted = select(merchant_proposal).where(known.city_id == city_id, known.state == state.value)
    if (after := paging.after(UUID)) is not None:
        wanted = wanted.where(known.id > after)
    async with db.scoped(who.cities) as connection:
        if await cities.city_by_id(connection, city_id) is None:
            raise not_found("city")
        rows = await connection.execute(wanted.order_by(known.id).limit(paging.limit + 1))
        items = [
            ProposalShown(**{name: row[name] for name in ProposalShown.model_fields})
            for row in rows.mappings()
        ]
    return page(request, response, items, paging.limit, lambda each: each.id)


@router.post(
    "/merchant-proposals/{proposal_id}/accept", response_model=ProposalShown, responses=problems(409)
)
async def accept_proposal(proposal_id: UUID, asked: Accept, who: Officer, db: Db, now: Now) -> ProposalShown:
    """List it (officers). 409 names the merchant where it is listed already: recognise that one."""
    async with db.transaction() as tx:
        found = await use_cases.locked(tx, proposal_id)
        who.within(city_id=found.city_id)
        details = asked.details(found)
        require_in_country(details)
        accepted = await use_cases.accept(
            tx, found, details, owner_agrees=asked.owner_agrees, by=who.person_id, at=now()
        )
    return _shown(accepted)


@router.post(
    "/merchant-proposals/{proposal_id}/recognise", response_model=ProposalShown, responses=problems(409)
)
async def recognise_proposal(
    proposal_id: UUID, asked: Recognise, who: Officer, db: Db, now: Now
) -> ProposalShown:
    """It is a merchant that is listed already (officers)."""
    async with db.transaction() as tx:
        found = await use_cases.locked(tx, proposal_id)
        who.within(city_id=found.city_id)
        known = await use_cases.recognise(tx, found, asked.merchant_id, by=who.person_id, at=now())
    return _shown(known)


@router.post(
    "/merchant-proposals/{proposal_id}/refuse", response_model=ProposalShown, responses=problems(409)
)
async def refuse_proposal(proposal_id: UUID, asked: Refuse, who: Officer, db: Db, now: Now) -> ProposalShown:
    """It is not listed, for this reason (officers)."""
    async with db.transaction() as tx:
        found = await use_cases.locked(tx, proposal_id)
        who.within(city_id=found.city_id)
        refused = await use_cases.refuse(tx, found, asked.reason, by=who.person_id, at=now())
    return _shown(refused)


def _shown(proposal: Proposal) -> ProposalShown:
    return ProposalShown(**{name: getattr(proposal, name) for name in ProposalShown.model_fields})
