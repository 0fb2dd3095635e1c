"""Who objected to being listed: nothing of the shop is kept but what keeps it out."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.problems import conflict, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.imports.jobs import storage as reports
from services.directory.merchants import storage
from services.directory.merchants.details import Details
from services.directory.merchants.domain import Change, Merchant
from services.directory.merchants.objection import Objection
from services.directory.merchants.tables import merchant, objection
from services.directory.people import storage as people


async def object_to_listing(tx: Transaction, merchant_id: UUID, at: datetime) -> None:
    """The shop is delisted at once, and for good. Asked twice, it stays so.

    Raises 409 where the shop has an owner: a letter of before must not undo what its owner made of it.
    """
    found = await storage.lock_one(tx, merchant_id)
    if found is None:
        raise not_found("merchant")
    if await has_objected(tx, found.id):
        return
    if await people.owners_of(tx, found.id):  # whoever claims it meanwhile waits for its lock
        raise conflict("shop-has-account", "This shop has an account by now: its owner decides there.")
    await remember(tx, found, at)
    await reports.forget_rows(tx, found)
    if found.is_public:
        await storage.store(tx, Change.DELISTED, [found.objected()], at)
    else:
        await storage.forget_details(tx, found)
    await audit.record(tx, Action.MERCHANT_OBJECTED, found.id, by=None, city_id=found.city_id, at=at)


async def remember(tx: Transaction, shop: Merchant, at: datetime) -> None:
    """Keep who this is, before its details are forgotten; what was kept before stays, as it knew more."""
    kept = Objection.of(shop.id, shop.details)
    row = {
        "merchant_id": shop.id,
        "city_id": shop.city_id,
        "at": at,
        "name_hashes": sorted(kept.name_hashes),
        "number_hash": kept.number_hash,
    }
    await tx.execute(insert(objection).values(row).on_conflict_do_nothing())


async def has_objected(tx: Transaction, merchant_id: UUID) -> bool:
    """Whether the merchant's owner asked never to be listed again."""
    found = await tx.execute(select(objection.c.at).where(objection.c.merchant_id == merchant_id))
    return found.first() is not None


async def of_city(tx: AsyncConnection, city_id: UUID) -> Sequence[Objection]:
    """All objections of a city, to ask whom they keep out."""
    place = (merchant.c.kind, merchant.c.longitude, merchant.c.latitude)
    rows = await tx.execute(
        select(objection.c.merchant_id, objection.c.name_hashes, objection.c.number_hash, *place)
        .join(merchant, merchant.c.id == objection.c.merchant_id)
        .where(objection.c.city_id == city_id)
    )
    return [
        Objection(
            row.merchant_id,
            Details(row.kind, row.longitude, row.latitude),
            frozenset(row.name_hashes),
            row.number_hash,
        )
        for row in rows
    ]
