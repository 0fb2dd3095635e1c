"""A shop leaves a campaign, or all of its city, and comes back. Each runs in the caller's transaction.

What posting has to know of it stands in the merchant's own row (`known_merchant.opted_out_of`), which every
post holds for reading: an opt-out waits for posts that are under way, and a post that had to wait for an
opt-out reads the row anew. So whatever counts was posted before the time that the opt-out carries.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ARRAY, Uuid, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.clock import Clock
from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import not_found
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import State
from services.campaigns.opt_outs.tables import opt_out
from services.campaigns.places.tables import known_merchant


async def leave(tx: Transaction, merchant_id: UUID, campaign_id: UUID | None, now: Clock) -> None:
    """Nothing contributed to the merchant counts from now on for the campaign, or for any (None).

    Raises the problem 404 for a merchant that nobody told of, and for a campaign that is not announced.
    """
    city_id = await _lock(tx, merchant_id)
    if campaign_id is not None:
        await _must_be_announced(tx, campaign_id)
    # The clock is asked once nobody is posting any more.
    values = {
        "id": new_id(),
        "city_id": city_id,
        "merchant_id": merchant_id,
        "campaign_id": campaign_id,
        "opted_out_at": now(),
    }
    await tx.execute(insert(opt_out).values(values).on_conflict_do_nothing())
    await _tell_posting(tx, merchant_id)


async def come_back(tx: Transaction, merchant_id: UUID, campaign_id: UUID | None) -> None:
    """The merchant takes part again; an opt-out of the other width stays. Raises the problem 404."""
    await _lock(tx, merchant_id)
    if campaign_id is not None:
        await _must_be_announced(tx, campaign_id)
    of_this = opt_out.c.campaign_id.is_not_distinct_from(campaign_id)
    await tx.execute(delete(opt_out).where(opt_out.c.merchant_id == merchant_id, of_this))
    await _tell_posting(tx, merchant_id)


async def _lock(tx: Transaction, merchant_id: UUID) -> UUID:
    """The merchant's city; waits for everybody who is posting to it."""
    query = select(known_merchant.c.city_id).where(known_merchant.c.id == merchant_id)
    city_id: UUID | None = await tx.scalar(query.with_for_update())
    if city_id is None:
        raise not_found("merchant")
    return city_id


async def _must_be_announced(tx: Transaction, campaign_id: UUID) -> None:
    found = await storage.find(tx, campaign_id)
    if found.state is State.DRAFT:
        raise not_found("campaign")


async def _tell_posting(tx: Transaction, merchant_id: UUID) -> None:
    left = select(func.coalesce(opt_out.c.campaign_id, opt_out.c.city_id)).where(
        opt_out.c.merchant_id == merchant_id
    )
    await tx.execute(
        update(known_merchant)
        .where(known_merchant.c.id == merchant_id)
        .values(opted_out_of=cast(func.array(left.scalar_subquery()), ARRAY(Uuid)))
    )
