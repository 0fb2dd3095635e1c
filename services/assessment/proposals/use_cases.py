"""A shop that the directory does not list is proposed to it from a draft; its city's officers decide.

The proposal is kept with the draft and brought to the directory by a job (`sending.py`), so that nobody waits
for the directory. What was decided comes back as an event. Nothing of the draft goes along: neither its
answers nor its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import conflict
from chassis.received import Received
from contracts.directory.v1 import MerchantProposalDecided
from services.assessment.drafts import use_cases as drafts
from services.assessment.drafts.use_cases import Draft
from services.assessment.proposals.tables import draft_proposals

NEWS = (MerchantProposalDecided,)


class State(StrEnum):
    WAITING = "waiting"
    """For the directory, or for the city's officers."""
    LISTED = "listed"
    """The draft can be handed in for `merchant_id`."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Shop:
    """What is said of it."""

    city_id: UUID
    name: str
    street: str
    house_number: str | None
    postcode: str
    kind: str


@dataclass(frozen=True)
class Proposal:
    """One of a draft, and what became of it."""

    id: UUID
    shop: Shop
    proposed_at: datetime
    decided_at: datetime | None = None
    merchant_id: UUID | None = None
    reason: str | None = None

    @property
    def state(self) -> State:
        if self.decided_at is None:
            return State.WAITING
        return State.REFUSED if self.merchant_id is None else State.LISTED


async def propose(tx: Transaction, draft: Draft, shop: Shop, at: datetime) -> Proposal:
    """Propose the shop of this draft, which was locked before and is kept for 30 days from now on.

    Another may be proposed once the former was refused. Raises 409 while one waits or is listed.
    """
    former = await of_draft(tx, draft.id)
    if former is not None and former.state is not State.REFUSED:
        raise conflict("already-proposed", f"A shop was proposed from this draft: {former.state.value}.")
    made = Proposal(new_id(), shop, at)
    row: dict[str, Any] = {"id": made.id, **vars(shop), "proposed_at": at, "next_try_at": at}
    anew = dict.fromkeys(("sent_at", "decided_at", "merchant_id", "reason"))
    statement = insert(draft_proposals).values(draft_id=draft.id, **row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["draft_id"], set_={**row, **anew}))
    await drafts.keep(tx, draft, at)
    return made


async def of_draft(connection: AsyncConnection, draft_id: UUID) -> Proposal | None:
    """The draft's latest proposal, or None."""
    found = select(draft_proposals).where(draft_proposals.c.draft_id == draft_id)
    row = (await connection.execute(found)).mappings().one_or_none()
    return of_row(row) if row is not None else None


def of_row(row: Any) -> Proposal:
    shop = Shop(**{name: row[name] for name in Shop.__dataclass_fields__})
    known = {name: row[name] for name in ("id", "proposed_at", "decided_at", "merchant_id", "reason")}
    return Proposal(shop=shop, **known)


async def apply(tx: Transaction, news: Sequence[Received[MerchantProposalDecided]]) -> None:
    """Note what was decided. It is decided once; of a draft that is gone there is nothing to note."""
    for received in news:
        fact = received.fact
        await decide(
            tx, fact.proposal_id, received.time, merchant_id=fact.merchant_id, reason=fact.reason or None
        )


async def decide(
    tx: Transaction, proposal_id: UUID, at: datetime, *, merchant_id: UUID | None, reason: str | None
) -> None:
    known = draft_proposals.c
    decided = {"decided_at": at, "merchant_id": merchant_id, "reason": reason}
    still_open = (known.id == proposal_id, known.decided_at.is_(None))
    await tx.execute(update(draft_proposals).where(*still_open).values(decided))
