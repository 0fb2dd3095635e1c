"""An ambassador says which corrections of the directory are theirs, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from chassis.access import MAY_PERSON
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Principal
from chassis.openapi import problems
from services.campaigns.contributions.domain import Reason
from services.campaigns.contributions.ties import known_tie
from services.campaigns.corrections import use_cases

router = APIRouter(prefix="/api/v1/contributions/corrections", tags=["contributions"])


class HandIn(Body):
    """Of which shop it is."""

    merchant_id: UUID


class HandedInShown(Shown):
    """For which campaign it counts once it is accepted."""

    campaign_id: UUID | None
    reason: Reason | None
    """Why it counts for none."""


@router.put("/{receipt_id}", response_model=HandedInShown, responses=problems(409, 429))
async def hand_in(
    receipt_id: UUID, body: HandIn, principal: Annotated[Principal, MAY_PERSON], db: Db, now: Now
) -> HandedInShown:
    """Hand in the receipt of a correction that one suggested to the directory, to earn points for it."""
    async with db.transaction() as tx:
        tie = known_tie(principal, body.merchant_id)
        counts = await use_cases.hand_in(
            tx, receipt_id, person_id=principal.person_id, merchant_id=body.merchant_id, tie=tie, now=now()
        )
    return HandedInShown(campaign_id=counts.campaign_id, reason=counts.reason)
