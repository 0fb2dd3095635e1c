"""What happens to a merchant: it is listed by hand, revised, claimed, released, closed, delisted and
listed again.

Locks are taken from the city down to its merchants, everywhere in this service.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import conflict, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.domain import Detail
from services.directory.audit.use_cases import Action
from services.directory.cities import storage as cities
from services.directory.cities.domain import Districts
from services.directory.merchants import objections, storage
from services.directory.merchants.details import Details
from services.directory.merchants.domain import BY_HAND, Change, Merchant
from services.directory.merchants.objection import keeps_out
from services.directory.merchants.sameness import is_same_shop
from services.directory.merchants.tables import IS_PUBLIC, merchant


async def open_merchant(tx: Transaction, merchant_id: UUID) -> Merchant:
    """The merchant, locked. Raises 404, or 410 where it is not public."""
    found = await storage.lock_one(tx, merchant_id)
    if found is None:
        raise not_found("merchant")
    if not found.is_public:
        raise storage.gone()
    return found


async def any_with_districts(tx: Transaction, merchant_id: UUID) -> tuple[Merchant, Districts]:
    """The merchant, public or not, locked, and its city's districts, which stay as they are. Raises 404."""
    city_id = await storage.city_of(tx, merchant_id)
    if city_id is None:
        raise not_found("merchant")
    districts = await cities.lock_districts(tx, city_id)
    found = await storage.lock_one(tx, merchant_id)
    if found is None:
        raise not_found("merchant")
    return found, districts


async def open_with_districts(tx: Transaction, merchant_id: UUID) -> tuple[Merchant, Districts]:
    """As `any_with_districts`; raises 410 where the merchant is not public."""
    found, districts = await any_with_districts(tx, merchant_id)
    if not found.is_public:
        raise storage.gone()
    return found, districts


async def list_merchant(
    tx: Transaction,
    city_id: UUID,
    details: Details,
    districts: Districts,
    *,
    owner_agrees: bool,
    by: UUID,
    at: datetime,
) -> Merchant:
    """A merchant that an officer adds by hand. `districts` are the city's, which is locked.

    Raises 409 where the shop is listed already, or objected to being listed and `owner_agrees` is not said.
    """
    around = await storage.public_around(tx, city_id, details)
    twin = next((each for each in around if is_same_shop(each.details, details)), None)
    if twin is not None:
        detail = "A shop of this name is listed at this place already."
        raise conflict("merchant-listed", detail, field="name", merchant_id=str(twin.id))
    if not owner_agrees and keeps_out(await objections.of_city(tx, city_id), details):
        detail = (
            "This shop objected to being listed. Say owner_agrees where its owner has changed their mind."
        )
        raise conflict("objected", detail, field="owner_agrees")
    merchant_id = new_id()
    await _require_unused(tx, merchant_id, details)
    added = Merchant(
        id=merchant_id,
        city_id=city_id,
        version=1,
        details=details,
        district_ids=districts.around(details.longitude, details.latitude),
        source=BY_HAND,
        source_id=str(merchant_id),
        source_details=details,
        checked_on=at.date(),
    )
    await storage.store(tx, Change.LISTED, [added], at)
    await audit.record(tx, Action.MERCHANT_LISTED, added.id, by=by, city_id=city_id, at=at)
    return added


async def revise_merchant(
    tx: Transaction, listed: Merchant, changes: Mapping[str, Any], districts: Districts, at: datetime
) -> Merchant:
    """The merchant with these details changed; without version and event where they say nothing new.

    Either way somebody has looked at it today. Raises 409 for an establishment number of another merchant.
    """
    details = replace(listed.details, **changes)
    if details.establishment_number != listed.details.establishment_number:
        await _require_unused(tx, listed.id, details)
    revised = listed.revised(details, districts)
    if revised is None:
        await storage.confirm(tx, [listed.id], at.date())
        return replace(listed, checked_on=max(listed.checked_on, at.date()))
    checked = replace(revised, checked_on=at.date())
    await storage.store(tx, Change.UPDATED, [checked], at)
    return checked


async def _require_unused(tx: Transaction, merchant_id: UUID, details: Details) -> None:
    """Raise 409 where another public merchant, of whatever city, has this establishment number."""
    number = details.establishment_number
    if number is None:
        return
    # Two that enter the same number at once are put in a row. No index could be: a map may repeat a number.
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(number, 0))))
    same = (merchant.c.establishment_number == number, merchant.c.id != merchant_id)
    taken = await tx.execute(select(merchant.c.id).where(*same, IS_PUBLIC).limit(1))
    if (other := taken.scalar_one_or_none()) is not None:
        detail = "Another listed merchant has this establishment number."
        raise conflict("establishment-listed", detail, field="establishment_number", merchant_id=str(other))


async def claim_merchant(
    tx: Transaction, listed: Merchant, *, by: UUID, at: datetime, details: Mapping[str, Detail]
) -> Merchant:
    """Somebody runs the merchant's account from now on: for the first time, or after somebody else."""
    claimed = listed.now_claimed()
    await storage.store(tx, Change.CLAIMED, [claimed], at)
    claiming, city_id = Action.MERCHANT_CLAIMED, listed.city_id
    await audit.record(tx, claiming, listed.id, by=by, city_id=city_id, at=at, details=details)
    return claimed


async def release_merchant(tx: Transaction, left: Merchant, *, by: UUID, at: datetime) -> None:
    """Nobody runs the merchant's account any more. Asked twice, it stays so."""
    if left.claimed:
        await storage.store(tx, Change.RELEASED, [left.now_released()], at)
        released, city_id = Action.MERCHANT_RELEASED, left.city_id
        await audit.record(tx, released, left.id, by=by, city_id=city_id, at=at)


async def close_merchant(tx: Transaction, listed: Merchant, *, by: UUID, at: datetime) -> None:
    """The merchant exists no more."""
    await storage.store(tx, Change.CLOSED, [listed.now_closed()], at)
    await audit.record(tx, Action.MERCHANT_CLOSED, listed.id, by=by, city_id=listed.city_id, at=at)


async def delist_merchant(tx: Transaction, found: Merchant, *, by: UUID, at: datetime) -> None:
    """The merchant is shown no more, though it exists. Asked twice, it stays so."""
    if found.is_public:
        await storage.store(tx, Change.DELISTED, [found.now_delisted()], at)
        await audit.record(tx, Action.MERCHANT_DELISTED, found.id, by=by, city_id=found.city_id, at=at)


async def relist_merchant(
    tx: Transaction, found: Merchant, districts: Districts, *, by: UUID, at: datetime
) -> Merchant:
    """A delisted merchant is shown again. Raises 409 where it closed, or objected itself."""
    if found.is_public:
        return found
    if found.closed:
        raise conflict(
            "merchant-closed", "This merchant closed. What is in its place is another one: add it."
        )
    if await objections.has_objected(tx, found.id):
        detail = "This merchant objected, and nothing of it was kept. Its owner can ask to be added."
        raise conflict("objected", detail)
    relisted = replace(found.relisted(districts), checked_on=at.date())
    await storage.store(tx, Change.RELISTED, [relisted], at)
    await audit.record(tx, Action.MERCHANT_RELISTED, found.id, by=by, city_id=found.city_id, at=at)
    return relisted
