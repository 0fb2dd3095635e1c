"""A shop is proposed by whoever misses it; an officer lists it, recognises one that is listed, or refuses."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.history import Source
from chassis.outbox import record
from chassis.problems import Problem, conflict, invalid, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities import storage as cities
from services.directory.merchants import storage as merchants
from services.directory.merchants import use_cases as listing
from services.directory.merchants.details import Details
from services.directory.proposals.domain import MOST_WAITING, Proposal, Reason, State
from services.directory.proposals.tables import merchant_proposal

RETRY_AFTER_SECONDS = 600


async def propose(tx: Transaction, proposal: Proposal) -> None:
    """Take it down for the city's officers. Brought twice, it is one.

    Raises 422 for a city that does not take part, 429 where too many wait there.
    """
    if not await cities.lock(tx, proposal.city_id):
        raise invalid("city_id", "there is no such city")
    known = merchant_proposal.c
    if (await tx.execute(select(known.id).where(known.id == proposal.id))).first() is not None:
        return
    waiting = select(func.count()).where(
        known.city_id == proposal.city_id, known.state == State.PROPOSED.value
    )
    if (await tx.execute(waiting)).scalar_one() >= MOST_WAITING:
        raise Problem(
            429,
            "too-many-proposals",
            "Too many proposals",
            "The city's officers have many to look through. Bring it again later.",
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        )
    await tx.execute(insert(merchant_proposal).values(vars(proposal)))


async def locked(tx: Transaction, proposal_id: UUID) -> Proposal:
    """The proposal, locked after its city, as everything that lists a shop does it. Raises 404."""
    known = merchant_proposal.c
    city_id = await tx.scalar(select(known.city_id).where(known.id == proposal_id))
    if city_id is not None:
        await cities.lock(tx, city_id)
    found = select(merchant_proposal).where(known.id == proposal_id).with_for_update()
    row = (await tx.execute(found)).mappings().one_or_none()
    if row is None:
        raise not_found("proposal")
    return Proposal.of_row({str(name): value for name, value in row.items()})


async def accept(
    tx: Transaction, proposal: Proposal, details: Details, *, owner_agrees: bool, by: UUID, at: datetime
) -> Proposal:
    """List it as an officer lists any shop. Raises 409 where that one is listed, objected, or was decided."""
    _require_open(proposal)
    districts = await cities.districts(tx, proposal.city_id)
    listed = await listing.list_merchant(
        tx, proposal.city_id, details, districts, owner_agrees=owner_agrees, by=by, at=at
    )
    return await _store(tx, proposal.decided(merchant_id=listed.id, by=by, at=at))


async def recognise(
    tx: Transaction, proposal: Proposal, merchant_id: UUID, *, by: UUID, at: datetime
) -> Proposal:
    """It is this one, which is listed already. Raises 422 for one that is not, or not in the city."""
    _require_open(proposal)
    found = await merchants.lock_one(tx, merchant_id)
    if found is None or found.city_id != proposal.city_id or not found.is_public:
        raise invalid("merchant_id", "is no listed merchant of this city")
    return await _store(tx, proposal.decided(merchant_id=merchant_id, by=by, at=at))


async def refuse(tx: Transaction, proposal: Proposal, reason: Reason, *, by: UUID, at: datetime) -> Proposal:
    """It is not listed, for this reason. Raises 409 where it was decided."""
    _require_open(proposal)
    return await _store(tx, proposal.decided(reason=reason, by=by, at=at))


def _require_open(proposal: Proposal) -> None:
    if proposal.state is not State.PROPOSED:
        raise conflict("decided-before", f"Somebody decided this before: {proposal.state.value}.")


async def _store(tx: Transaction, decided: Proposal) -> Proposal:
    assert decided.decided_at is not None
    row = merchant_proposal.c.id == decided.id
    await tx.execute(update(merchant_proposal).where(row).values(vars(decided)))
    await audit.record(
        tx,
        Action.MERCHANT_PROPOSAL_DECIDED,
        decided.id,
        by=decided.decided_by,
        city_id=decided.city_id,
        at=decided.decided_at,
        details={"merchant": decided.merchant_id, "reason": decided.reason},
    )
    await record(tx, decided.event())
    return decided


_C = merchant_proposal.c
HISTORY = (
    Source(
        select(merchant_proposal).where(_C.decided_at.is_not(None)).order_by(_C.decided_at, _C.id),
        lambda row: Proposal.of_row(dict(row)).event(),
    ),
)
