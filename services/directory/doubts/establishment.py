"""All rows of one establishment, whichever source each is from: what one of them objects to, all do.

Rows that a person merged are surely one. Those of its establishment number, of its name around it or at its
address, and those proposed as its duplicate by the same name are taken for it. What a person kept apart is
another one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, false, or_, select, text

from chassis.database import Transaction
from services.directory.cities import storage as cities
from services.directory.doubts.domain import SAME, DuplicateState
from services.directory.doubts.tables import closure, duplicate
from services.directory.merchants import storage
from services.directory.merchants.domain import Merchant
from services.directory.merchants.objection import Known, Objection
from services.directory.merchants.sameness import AROUND_METRES, METRES_PER_DEGREE
from services.directory.merchants.tables import merchant
from services.directory.search.folding import folded

_MERGED = text("""
    WITH RECURSIVE one (id) AS (
        SELECT CAST(:merchant_id AS uuid)
         UNION
        SELECT CASE WHEN d.first_id = one.id THEN d.second_id ELSE d.first_id END
          FROM one JOIN duplicate d ON one.id IN (d.first_id, d.second_id)
         WHERE d.city_id = :city_id AND d.state = 'merged')
    SELECT id FROM one
""")


@dataclass(frozen=True)
class Establishment:
    """Its rows, public or not, all locked."""

    sure: Sequence[Merchant]
    """The one that was asked for, and what a person merged with it."""
    likely: Sequence[Merchant]


async def lock(tx: Transaction, merchant_id: UUID) -> Establishment | None:
    """The establishment of this merchant; None where there is no such merchant.

    Its city is locked first, against imports and mergers, then all rows in the order of their ids.
    """
    city_id = await storage.city_of(tx, merchant_id)
    if city_id is None:
        return None
    await cities.lock(tx, city_id)
    merged = set((await tx.execute(_MERGED, {"merchant_id": merchant_id, "city_id": city_id})).scalars())
    others = await _taken_for(tx, city_id, merged)
    rows = await storage.lock_these(tx, merged | others)
    sure = [each for each in rows if each.id in merged]
    return Establishment(sure, [each for each in rows if each.id in others])


async def _taken_for(tx: Transaction, city_id: UUID, merged: set[UUID]) -> set[UUID]:
    others = set()
    for shop in await storage.these(tx, merged):
        others |= {each.id for each in await _around_or_numbered(tx, shop) if _is_same(shop, each)}
    pairs = select(duplicate.c.first_id, duplicate.c.second_id, duplicate.c.state, duplicate.c.likeness)
    of_it = or_(duplicate.c.first_id.in_(merged), duplicate.c.second_id.in_(merged))
    apart = set()
    for pair in await tx.execute(pairs.where(duplicate.c.city_id == city_id, of_it)):
        both = {pair.first_id, pair.second_id}
        if pair.state == DuplicateState.KEPT_APART:
            apart |= both
        elif pair.likeness >= SAME:
            others |= both
    return others - apart - merged


async def _around_or_numbered(tx: Transaction, shop: Merchant) -> Sequence[Merchant]:
    """Those of its city that may be it: around its place, in a street of that name, or of its number."""
    up = AROUND_METRES / METRES_PER_DEGREE
    details = shop.details
    number, street = details.establishment_number, details.street
    may_be = or_(
        merchant.c.latitude.between(details.latitude - up, details.latitude + up),
        merchant.c.search_text.contains(f" {folded(street)}") if street else false(),
        merchant.c.establishment_number == number if number else false(),
    )
    rows = await tx.execute(select(merchant).where(merchant.c.city_id == shop.city_id, may_be))
    return [storage.of_row(row) for row in rows]


def _is_same(shop: Merchant, other: Merchant) -> bool:
    return Objection.of(shop.id, shop.details).is_about(Known.of(other.details))


async def settle(tx: Transaction, merchant_ids: Collection[UUID]) -> None:
    """Nobody has to decide any more whether these are one, or whether one of them is gone."""
    proposed = DuplicateState.PROPOSED.value
    both = (duplicate.c.first_id.in_(merchant_ids), duplicate.c.second_id.in_(merchant_ids))
    await tx.execute(delete(duplicate).where(duplicate.c.state == proposed, *both))
    gone = (closure.c.state == proposed, closure.c.merchant_id.in_(merchant_ids))
    await tx.execute(delete(closure).where(*gone))
