"""A correction is suggested by whoever sees that something is wrong, and decided about once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis import limits
from chassis.database import Transaction
from chassis.history import Source
from chassis.outbox import record
from chassis.problems import Problem, conflict, invalid, not_found
from services.directory.audit import use_cases as audit
from services.directory.audit.use_cases import Action
from services.directory.cities.domain import Districts
from services.directory.corrections.domain import (
    MOST_OPEN,
    Correction,
    Field,
    Reason,
    State,
    values_of,
)
from services.directory.corrections.tables import IS_OPEN, merchant_correction
from services.directory.doubts import use_cases as doubts
from services.directory.merchants import storage
from services.directory.merchants import use_cases as merchants
from services.directory.merchants.domain import Merchant

A_DAY = limits.Limit("corrections of a person", 20, timedelta(days=1))
_C = merchant_correction.c


async def suggest(tx: Transaction, new: Correction, listed: Merchant, now: datetime) -> None:
    """Take it down for whoever decides. `listed` is the merchant, locked and public.

    Raises 409 where its author saw something else than there is, nothing would change, or theirs waits
    already; 422 for a duplicate of nothing; 429 where there are too many.
    """
    current = values_of(listed.details, new.suggested)
    if new.seen != current:
        raise conflict(
            "changed-meanwhile",
            "This was changed since you looked: see what it says now.",
            field="seen",
            now=current,
        )
    if new.suggested and new.suggested == current:
        raise conflict("nothing-to-correct", "The directory says exactly this.", field="suggested")
    if new.duplicate_of is not None:
        await _require_twin(tx, listed, new.duplicate_of)
    assert new.person_id is not None
    await limits.take(tx, [(A_DAY, str(new.person_id))], now)
    await _require_room(tx, listed.id)
    added = insert(merchant_correction).values({**vars(new)}).on_conflict_do_nothing().returning(_C.id)
    if await tx.scalar(added) is None:
        raise conflict(
            "suggested-before", "You suggested something here that waits for a decision. Take it back first."
        )


async def take_back(tx: Transaction, correction_id: UUID, person_id: UUID) -> None:
    """Forget one's own suggestion that nobody decided about yet. Raises 404."""
    own = _C.id == correction_id, _C.person_id == person_id, IS_OPEN
    if (await tx.execute(delete(merchant_correction).where(*own))).rowcount == 0:
        raise not_found("correction")


async def locked(tx: Transaction, correction_id: UUID) -> tuple[Correction, Merchant, Districts]:
    """The correction, with its merchant and the city's districts, locked from the city down. Raises 404."""
    merchant_id = await tx.scalar(select(_C.merchant_id).where(_C.id == correction_id))
    if merchant_id is None:
        raise not_found("correction")
    shop, districts = await merchants.any_with_districts(tx, merchant_id)
    query = select(merchant_correction).where(_C.id == correction_id).with_for_update()
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found("correction")
    return Correction.of_row({str(name): value for name, value in row.items()}), shop, districts


async def accept(
    tx: Transaction,
    found: Correction,
    shop: Merchant,
    districts: Districts,
    *,
    where: Mapping[str, float],
    anyway: bool,
    by: UUID,
    at: datetime,
) -> Correction:
    """It is so: the shop is changed as an officer changes it. `where`: the place, if the decider gives one.

    Raises 409 where it was decided, is one's own, or was changed meanwhile and `anyway` is not said; 410
    for a shop that is listed no more; 422 for a shop that moved nobody says where to, and for a place where
    something else was suggested: who decides about opening hours does not decide where a shop is.
    """
    _require_state(found, State.OPEN)
    if where and found.field is not Field.MOVED:
        raise invalid("longitude", "is said of a shop that moved alone")
    if found.person_id == by:
        raise conflict("own-correction", "Somebody else decides about what you suggested yourself.")
    if not shop.is_public:
        raise storage.gone()
    if found.changed_meanwhile(shop.details) and not anyway:
        raise conflict(
            "changed-meanwhile",
            "This was changed since it was suggested. Say anyway where the suggestion is right all the same.",
            field="anyway",
            now=values_of(shop.details, found.suggested),
        )
    found = found.placed(where, shop.details)
    await _apply(tx, found, shop, districts, by=by, at=at)
    return await _store(tx, found.accepted(by, at), Action.CORRECTION_ACCEPTED, by, at)


async def refuse(tx: Transaction, found: Correction, reason: Reason, *, by: UUID, at: datetime) -> Correction:
    """It is not so, for this reason. Raises 409 where it was decided."""
    _require_state(found, State.OPEN)
    return await _store(tx, found.refused(reason, by, at), Action.CORRECTION_REFUSED, by, at)


async def revert(
    tx: Transaction, found: Correction, shop: Merchant, districts: Districts, *, by: UUID, at: datetime
) -> Correction:
    """What was accepted turned out to be wrong: what it changed, and nobody changed since, is put back.

    A shop that it closed is not opened again: what is in its place is another one, and is added.
    """
    _require_state(found, State.ACCEPTED)
    back = {
        name: found.seen[name]
        for name, value in found.suggested.items()
        if name in found.seen and getattr(shop.details, name) == value
    }
    if back and shop.is_public:
        await merchants.revise_merchant(tx, shop, back, districts, at)
    return await _store(tx, found.reverted(at), Action.CORRECTION_REVERTED, by, at)


async def _apply(
    tx: Transaction,
    found: Correction,
    shop: Merchant,
    districts: Districts,
    *,
    by: UUID,
    at: datetime,
) -> None:
    match found.field:
        case Field.CLOSED:
            await merchants.close_merchant(tx, shop, by=by, at=at)
        case Field.DUPLICATE:
            assert found.duplicate_of is not None
            await doubts.merge_two(tx, found.duplicate_of, shop.id, found.city_id, by=by, at=at)
        case Field.MOVED if "longitude" not in found.suggested:
            raise invalid("longitude", "say where the shop is now")
        case _:
            await merchants.revise_merchant(tx, shop, found.suggested, districts, at)


async def _require_twin(tx: Transaction, listed: Merchant, twin_id: UUID) -> None:
    twins = await storage.these(tx, [twin_id])
    if twin_id == listed.id or not any(each.is_public and each.city_id == listed.city_id for each in twins):
        raise invalid("suggested.duplicate_of", "is no other listed merchant of this city")


async def _require_room(tx: Transaction, merchant_id: UUID) -> None:
    waiting = select(func.count()).where(_C.merchant_id == merchant_id, IS_OPEN)
    if (await tx.execute(waiting)).scalar_one() >= MOST_OPEN:
        raise Problem(
            429,
            "too-many-corrections",
            "Too many corrections",
            "Many corrections of this shop wait for a decision. Suggest yours when they are decided.",
            headers={"Retry-After": "86400"},
        )


def _require_state(found: Correction, state: State) -> None:
    if found.state is not state:
        raise conflict("decided-before", f"This one is {found.state.value}.", state=found.state.value)


async def _store(tx: Transaction, decided: Correction, action: Action, by: UUID, at: datetime) -> Correction:
    await tx.execute(update(merchant_correction).where(_C.id == decided.id).values(vars(decided)))
    details: dict[str, Any] = {"correction": decided.id, "field": decided.field, "reason": decided.reason}
    await audit.record(
        tx, action, decided.merchant_id, by=by, city_id=decided.city_id, at=at, details=details
    )
    if decided.state is not State.REFUSED:
        await record(tx, decided.event())
    return decided


HISTORY = (
    Source(
        select(merchant_correction)
        .where(_C.state.in_([State.ACCEPTED.value, State.REVERTED.value]))
        .order_by(_C.decided_at, _C.id),
        lambda row: Correction.of_row({**row, "state": State.ACCEPTED.value}).event(),
    ),
    Source(
        select(merchant_correction).where(_C.reverted_at.is_not(None)).order_by(_C.reverted_at, _C.id),
        lambda row: Correction.of_row(dict(row)).event(),
    ),
)
