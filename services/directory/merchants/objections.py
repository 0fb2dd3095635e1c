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
from services.directory.doubts import establishment
from services.directory.imports.jobs import storage as reports
from services.directory.merchants import storage
from services.directory.merchants.details import Details
from services.directory.merchants.domain import Change, Merchant
from services.directory.merchants.objection import Objection
from services.directory.merchants.tables import merchant, objection
from services.directory.people import storage as people


async def object_to_listing(tx: Transaction, merchant_id: UUID, at: datetime) -> None:
    """The shop is delisted at once, and for good, under whatever source. Asked twice, it stays so.

    Raises 409 where the shop has an owner: a letter of before must not undo what its owner made of it. A row
    that is only taken for the same shop and has an owner is left alone for that.
    """
    found = await establishment.lock(tx, merchant_id)
    if found is None:
        raise not_found("merchant")
    if await has_objected(tx, merchant_id):
        return
    for each in found.sure:
        if await people.owners_of(tx, each.id):  # whoever claims it meanwhile waits for its lock
            raise conflict("shop-has-account", "This shop has an account by now: its owner decides there.")
    others = [each for each in found.likely if not await people.owners_of(tx, each.id)]
    await forget(tx, [*found.sure, *others], at)


async def forget(tx: Transaction, shops: Sequence[Merchant], at: datetime) -> None:
    """These rows, which are locked, are one shop that objected: what keeps it out is left of them."""
    for each in shops:
        if await has_objected(tx, each.id):
            continue
        await remember(tx, each, at)
        await reports.forget_rows(tx, each)
        if each.is_public:
            await storage.store(tx, Change.DELISTED, [each.objected()], at)
        else:
            await storage.forget_details(tx, each)
        await audit.record(tx, Action.MERCHANT_OBJECTED, each.id, by=None, city_id=each.city_id, at=at)
    await establishment.settle(tx, [each.id for each in shops])


async def remember(tx: Transaction, shop: Merchant, at: datetime) -> None:
    """Keep who this is, before its details are forgotten; what was kept before stays, as it knew more."""
    kept = Objection.of(shop.id, shop.details)
    row = {
        "merchant_id": shop.id,
        "city_id": shop.city_id,
        "at": at,
        "name_hashes": sorted(kept.name_hashes),
        "number_hash": kept.number_hash,
        "address_hash": kept.address_hash,
    }
    await tx.execute(insert(objection).values(row).on_conflict_do_nothing())


async def has_objected(tx: Transaction, merchant_id: UUID) -> bool:
    """Whether the merchant's owner asked never to be listed again."""
    found = await tx.execute(select(objection.c.at).where(objection.c.merchant_id == merchant_id))
    return found.first() is not None


async def of_city(tx: AsyncConnection, city_id: UUID) -> Sequence[Objection]:
    """All objections of a city, to ask whom they keep out."""
    rows = await tx.execute(
        select(objection, merchant.c.kind, merchant.c.longitude, merchant.c.latitude)
        .join(merchant, merchant.c.id == objection.c.merchant_id)
        .where(objection.c.city_id == city_id)
    )
    return [
        Objection(
            row.merchant_id,
            Details(row.kind, row.longitude, row.latitude),
            frozenset(row.name_hashes),
            row.number_hash,
            row.address_hash,
        )
        for row in rows
    ]
