"""What may be linked to: listed shops, and campaigns that can be joined."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from chassis.database import Transaction
from chassis.problems import conflict, not_found
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import State
from services.campaigns.links.domain import Target
from services.campaigns.places.storage import merchant_of_row
from services.campaigns.places.tables import known_merchant


async def listed_shop(tx: Transaction, merchant_id: UUID) -> Target:
    """The shop. Raises the problems 404 for an unknown one and 409 for one that is closed."""
    query = select(known_merchant).where(known_merchant.c.id == merchant_id)
    row = (await tx.execute(query)).mappings().first()
    found = merchant_of_row(row) if row else None
    if found is None or not (found.known or found.closed):
        raise not_found("merchant")
    if found.closed:
        raise conflict("merchant-closed", "This merchant is closed, or not listed any more.")
    return Target(found.city_id, merchant_id=merchant_id)


async def open_campaign(tx: Transaction, campaign_id: UUID, now: datetime) -> Target:
    """The campaign. Raises the problems 404 for a draft and 409 for one that is over."""
    found = await storage.find(tx, campaign_id)
    if found.state is State.DRAFT:
        raise not_found("campaign")
    if found.state not in (State.SCHEDULED, State.RUNNING) or found.plan.ends_at <= now:
        raise conflict("campaign-not-open", "This campaign is over: there is nothing left to join.")
    return Target(found.city_id, campaign_id=campaign_id)
