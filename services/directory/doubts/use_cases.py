"""A person decides a doubt, once; asked the same again, nothing more happens."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, select, update

from chassis.database import Transaction
from chassis.problems import conflict, invalid, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities import storage as cities
from services.directory.doubts.domain import ClosureState, DuplicateState, merged
from services.directory.doubts.tables import closure, duplicate
from services.directory.merchants import objections
from services.directory.merchants import storage as merchants
from services.directory.merchants.domain import Merchant
from services.directory.merchants.use_cases import close_merchant, revise_merchant


async def locked(tx: Transaction, table: Table, doubt_id: UUID) -> Row[Any]:
    """The doubt, locked after its city, as an objection and a merger of cities do. Raises 404."""
    city_id = await tx.scalar(select(table.c.city_id).where(table.c.id == doubt_id))
    if city_id is not None:
        await cities.lock_districts(tx, city_id)
    row = (await tx.execute(select(table).where(table.c.id == doubt_id).with_for_update())).first()
    if row is None:
        raise not_found("doubt")
    return row


async def merge(tx: Transaction, doubt: Row[Any], keep_id: UUID, *, by: UUID, at: datetime) -> None:
    """One of the two stays, with what only the other knew; the other is listed no more.

    Where one objected to being listed, so did the other, which is the same shop: then neither stays.
    Raises 409 where it was decided otherwise, one is gone, or an account would be lost; 422 for a third one.
    """
    if keep_id not in (doubt.first_id, doubt.second_id):
        raise invalid("keep", "is neither of the two")
    if not _is_open(doubt.state, DuplicateState.MERGED):
        return
    await decide(tx, duplicate, doubt.id, DuplicateState.MERGED, at)
    other_id = doubt.second_id if keep_id == doubt.first_id else doubt.first_id
    await merge_two(tx, keep_id, other_id, doubt.city_id, by=by, at=at)


async def merge_two(
    tx: Transaction, keep_id: UUID, other_id: UUID, city_id: UUID, *, by: UUID, at: datetime
) -> None:
    """These two of a city, which is locked, are one, whoever found them. Raises 409 as `merge` does."""
    both = await merchants.lock_these(tx, (keep_id, other_id))
    kept, other = sorted(both, key=lambda each: each.id != keep_id)
    await audit.record(
        tx, Action.MERCHANTS_MERGED, kept.id, by=by, city_id=city_id, at=at, details={"other": other.id}
    )
    if not await _objected_with_it(tx, both, at):
        await _unite(tx, kept, other, by=by, at=at)


async def keep_apart(tx: Transaction, doubt: Row[Any], *, by: UUID, at: datetime) -> None:
    """They are two. Raises 409 where they were merged."""
    if _is_open(doubt.state, DuplicateState.KEPT_APART):
        await decide(tx, duplicate, doubt.id, DuplicateState.KEPT_APART, at)
        pair = {"other": doubt.second_id}
        await audit.record(
            tx, Action.MERCHANTS_KEPT_APART, doubt.first_id, by=by, city_id=doubt.city_id, at=at, details=pair
        )


async def confirm_closure(tx: Transaction, doubt: Row[Any], *, by: UUID, at: datetime) -> None:
    """The merchant is gone. Raises 409 where somebody said that it stays."""
    if not _is_open(doubt.state, ClosureState.CONFIRMED):
        return
    found = await merchants.lock_one(tx, doubt.merchant_id)
    await decide(tx, closure, doubt.id, ClosureState.CONFIRMED, at)
    if found is not None and not found.closed:
        await close_merchant(tx, found, by=by, at=at)


async def keep(tx: Transaction, doubt: Row[Any], *, by: UUID, at: datetime) -> None:
    """The merchant stays, whatever its source has; not asked again. Raises 409 where it was closed."""
    if _is_open(doubt.state, ClosureState.KEPT):
        await decide(tx, closure, doubt.id, ClosureState.KEPT, at)
        await audit.record(tx, Action.MERCHANT_KEPT, doubt.merchant_id, by=by, city_id=doubt.city_id, at=at)


async def decide(tx: Transaction, table: Table, doubt_id: UUID, state: StrEnum, at: datetime) -> None:
    """Remember what was decided."""
    await tx.execute(update(table).where(table.c.id == doubt_id).values(state=state.value, decided_at=at))


def _is_open(state: str, wanted: StrEnum) -> bool:
    """Whether it is still to be decided; False where it was decided so. Raises 409 where otherwise."""
    if state not in ("proposed", wanted.value):
        raise conflict("decided-otherwise", f"Somebody decided this before: {state.replace('_', ' ')}.")
    return state == "proposed"


async def _objected_with_it(tx: Transaction, both: Sequence[Merchant], at: datetime) -> bool:
    """Whether one of them objected to being listed; the other is then forgotten as well."""
    objected = [each for each in both if await objections.has_objected(tx, each.id)]
    others = [each for each in both if each not in objected]
    if objected and any(each.claimed for each in others):
        raise conflict("merchant-claimed", "One objected, and somebody runs the other one's account.")
    if objected:
        await objections.forget(tx, others, at)
    return bool(objected)


async def _unite(tx: Transaction, kept: Merchant, other: Merchant, *, by: UUID, at: datetime) -> None:
    if not (kept.is_public and other.is_public):
        raise conflict("merchant-closed", "One of the two is listed no more.")
    if other.claimed:
        raise conflict("merchant-claimed", "Somebody runs the other one's account: keep that one.")
    # Before the one that stays takes its establishment number, which no two that are listed have.
    await close_merchant(tx, other, by=by, at=at)
    districts = await cities.districts(tx, kept.city_id)
    changes = vars(merged(kept.details, other.details))
    await revise_merchant(tx, kept, changes, districts, at)
