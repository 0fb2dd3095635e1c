"""What happens to a merchant after it was listed: it is revised, claimed, closed.

Locks are taken from the city down to its merchants, everywhere in this service.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.database import Transaction
from chassis.problems import Problem, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Detail
from services.directory.audit.use_cases import Action
from services.directory.cities import storage as cities
from services.directory.cities.domain import Districts
from services.directory.merchants import storage
from services.directory.merchants.domain import Change, Merchant
from services.directory.merchants.tables import merchant


def gone() -> Problem:
    """The merchant is listed no more; nothing else about it is said."""
    return Problem(410, "merchant-closed", "Gone", "This merchant is listed no more.")


async def open_merchant(tx: Transaction, merchant_id: UUID) -> Merchant:
    """The merchant, locked. Raises 404, or 410 where it is closed."""
    found = await storage.lock_one(tx, merchant_id)
    if found is None:
        raise not_found("merchant")
    if found.closed:
        raise gone()
    return found


async def open_with_districts(tx: Transaction, merchant_id: UUID) -> tuple[Merchant, Districts]:
    """The merchant, locked, and its city's districts, which stay as they are. Raises 404 and 410."""
    belongs = select(merchant.c.city_id).where(merchant.c.id == merchant_id)
    city_id = (await tx.execute(belongs)).scalar_one_or_none()  # never changes, so it needs no lock
    if city_id is None:
        raise not_found("merchant")
    districts = await cities.lock_districts(tx, city_id)
    return await open_merchant(tx, merchant_id), districts


async def revise_merchant(
    tx: Transaction, listed: Merchant, changes: Mapping[str, Any], districts: Districts, at: datetime
) -> Merchant:
    """The merchant with these details changed; the same one, without event, where they say nothing new."""
    revised = listed.revised(replace(listed.details, **changes), districts)
    if revised is None:
        return listed
    await storage.store(tx, Change.UPDATED, [revised], at)
    return revised


async def claim_merchant(
    tx: Transaction, listed: Merchant, *, by: UUID, at: datetime, details: Mapping[str, Detail]
) -> Merchant:
    """Somebody runs the merchant's account from now on: for the first time, or after somebody else."""
    claimed = listed.now_claimed()
    await storage.store(tx, Change.CLAIMED, [claimed], at)
    claiming, city_id = Action.MERCHANT_CLAIMED, listed.city_id
    await audit.record(tx, claiming, listed.id, by=by, city_id=city_id, at=at, details=details)
    return claimed


async def close_merchant(tx: Transaction, listed: Merchant, *, by: UUID, at: datetime) -> None:
    """The merchant exists no more, or asked not to be listed."""
    await storage.store(tx, Change.CLOSED, [listed.now_closed()], at)
    await audit.record(tx, Action.MERCHANT_CLOSED, listed.id, by=by, city_id=listed.city_id, at=at)
