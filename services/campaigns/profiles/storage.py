"""A shop's profiles elsewhere: stated, looked at, taken out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import conflict, not_found
from services.campaigns.elsewhere.domain import Source
from services.campaigns.elsewhere.shops import Shop
from services.campaigns.platforms.addresses import Address
from services.campaigns.profiles.tables import merchant_profile

MOST = 20
"""No shop has more: whoever adds others fills the page with what is not its."""
_OF = merchant_profile.c


async def of_merchant(connection: AsyncConnection, merchant_id: UUID) -> Sequence[RowMapping]:
    """All, by platform; MOST at most."""
    query = select(merchant_profile).where(_OF.merchant_id == merchant_id)
    return (await connection.execute(query.order_by(_OF.platform, _OF.id))).mappings().all()


async def state(
    tx: Transaction, shop: Shop, at: Address, source: Source, *, person_id: UUID, now: datetime
) -> dict[str, Any]:
    """Add a profile of the shop. Raises the problem 409 for one that is there, or one too many."""
    known = select(func.count()).where(_OF.merchant_id == shop.id)
    if ((await tx.execute(known)).scalar_one()) >= MOST:
        raise conflict("too-many-profiles", f"This shop has {MOST} profiles already. Take one out first.")
    row = {
        "id": new_id(),
        "city_id": shop.city_id,
        "merchant_id": shop.id,
        "platform": at.platform,
        "url": at.url,
        "stated_by": source.value,
        "stated_at": now,
        "person_id": person_id,
        "checked_at": now,
        "checked_by": source.value,
    }
    added = insert(merchant_profile).values(row).on_conflict_do_nothing().returning(_OF.id)
    if await tx.scalar(added) is None:
        raise conflict("profile-known", "This shop has this profile already.")
    return row


async def find(tx: Transaction, profile_id: UUID) -> RowMapping:
    """Raises the problem 404."""
    query = select(merchant_profile).where(_OF.id == profile_id)
    row = (await tx.execute(query.with_for_update())).mappings().first()
    if row is None:
        raise not_found("profile")
    return row


async def look_at(tx: Transaction, profile_id: UUID, source: Source, now: datetime) -> RowMapping:
    """Somebody looked, and it is still the shop's."""
    changed = {"checked_at": now, "checked_by": source.value}
    looked_at = update(merchant_profile).where(_OF.id == profile_id).values(changed)
    stored: RowMapping = (await tx.execute(looked_at.returning(merchant_profile))).mappings().one()
    return stored


async def take_out(tx: Transaction, profile_id: UUID) -> None:
    """What was counted there stays, of its platform."""
    await tx.execute(delete(merchant_profile).where(_OF.id == profile_id))
