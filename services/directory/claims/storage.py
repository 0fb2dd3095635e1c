"""Rows of codes, claims and disputes."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from services.directory.claims.domain import Code, Decision, Dispute, How, Outcome, Proof
from services.directory.claims.tables import claim, claim_dispute, invitation
from services.directory.merchants.domain import Merchant


async def code_of(tx: Transaction, merchant_id: UUID, digest: bytes) -> Code | None:
    """The code with that digest, locked; None where the shop has none such."""
    wanted = (
        select(invitation)
        .where(invitation.c.merchant_id == merchant_id, invitation.c.code_digest == digest)
        .with_for_update()
    )
    row = (await tx.execute(wanted)).first()
    if row is None:
        return None
    return Code(row.id, row.expires_at, row.revoked_at is not None, row.used_at is not None)


async def use_code(tx: Transaction, invitation_id: UUID, person_id: UUID, at: datetime) -> None:
    """Note who claimed a shop with it; the first use stays."""
    unused = invitation.c.used_at.is_(None) & (invitation.c.id == invitation_id)
    await tx.execute(update(invitation).where(unused).values(used_at=at, used_by=person_id))


async def shop_of_objection(tx: Transaction, digest: bytes) -> UUID | None:
    """The shop whose letter holds the code with that digest; used, expired or not, the last or not."""
    wanted = select(invitation.c.merchant_id).where(invitation.c.objection_digest == digest)
    return (await tx.execute(wanted)).scalar_one_or_none()


async def add_claim(tx: Transaction, merchant: Merchant, person_id: UUID, proof: Proof, at: datetime) -> None:
    """Note who claimed which shop how."""
    values = {
        "id": new_id(),
        "city_id": merchant.city_id,
        "merchant_id": merchant.id,
        "person_id": person_id,
    }
    await tx.execute(insert(claim).values(**values, **vars(proof), at=at))


async def open_dispute(
    tx: Transaction, merchant: Merchant, claimant_id: UUID, proof: Proof, at: datetime
) -> Dispute:
    """The open dispute over a shop: a new one, or the one there is."""
    values = {
        "id": new_id(),
        "city_id": merchant.city_id,
        "merchant_id": merchant.id,
        "claimant_id": claimant_id,
    }
    adding = insert_or(claim_dispute).values(**values, **vars(proof), opened_at=at)
    is_open = claim_dispute.c.decided_at.is_(None)
    await tx.execute(adding.on_conflict_do_nothing(index_elements=["merchant_id"], index_where=is_open))
    rows = await tx.execute(
        select(claim_dispute).where(claim_dispute.c.merchant_id == merchant.id).where(is_open)
    )
    return dispute_of(rows.one())


async def dispute_by_id(
    connection: AsyncConnection, merchant_id: UUID, dispute_id: UUID, *, lock: bool = False
) -> Dispute | None:
    """A dispute over that shop."""
    wanted = select(claim_dispute).where(
        claim_dispute.c.id == dispute_id, claim_dispute.c.merchant_id == merchant_id
    )
    row = (await connection.execute(wanted.with_for_update() if lock else wanted)).first()
    return dispute_of(row) if row is not None else None


async def decide_dispute(tx: Transaction, dispute_id: UUID, decision: Decision) -> Dispute:
    """The dispute, decided."""
    values = {
        "outcome": decision.outcome.value,
        "reason": decision.reason,
        "decided_by": decision.by,
        "decided_at": decision.at,
    }
    deciding = update(claim_dispute).where(claim_dispute.c.id == dispute_id).values(values)
    return dispute_of((await tx.execute(deciding.returning(claim_dispute))).one())


def dispute_of(row: Row[Any]) -> Dispute:
    """The dispute in a row of its table."""
    return Dispute(
        id=row.id,
        city_id=row.city_id,
        merchant_id=row.merchant_id,
        claimant_id=row.claimant_id,
        opened_at=row.opened_at,
        how=How(row.how),
        confirmed_by=row.confirmed_by,
        invitation_id=row.invitation_id,
        outcome=Outcome(row.outcome) if row.outcome else None,
        reason=row.reason,
        decided_at=row.decided_at,
    )


HISTORY = (
    Source(
        select(claim_dispute).order_by(claim_dispute.c.opened_at, claim_dispute.c.id),
        lambda row: Dispute(**{each.name: row[each.name] for each in fields(Dispute)}).event(),
    ),
)
