"""Somebody asks to be forgotten, and says so twice: what follows cannot be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from chassis import outbox
from chassis.database import Transaction
from chassis.identity import Principal, Role
from chassis.ids import new_id
from chassis.problems import Problem, conflict, not_found
from services.directory.erasures import storage
from services.directory.erasures.domain import Erasure
from services.directory.erasures.facts import requested
from services.directory.erasures.tables import erasure
from services.directory.factors import gate
from services.directory.merchants import storage as merchants
from services.directory.merchants.domain import Merchant
from services.directory.merchants.use_cases import close_merchant
from services.directory.people.storage import person_by_id
from services.directory.people.tables import role_grant
from services.directory.roles.use_cases import require_successors


async def ask(tx: Transaction, person_id: UUID, *, closes_shops: bool, now: datetime) -> Erasure:
    """A request, to be confirmed.

    Raises 404 for somebody who is not here, 409 where one is under way, or somebody has to follow them first.
    """
    if await person_by_id(tx, person_id) is None:
        raise not_found("person")
    before = await storage.newest_of(tx, person_id)
    if before is not None and before.confirmed_at is not None:
        raise conflict("erasure-under-way", "Your data are being erased already.", erasure_id=str(before.id))
    await require_successors(tx, person_id)
    asked = Erasure(new_id(), person_id, now, closes_shops)
    await storage.add(tx, asked)
    return asked


async def confirm(tx: Transaction, principal: Principal, erasure_id: UUID, now: datetime) -> Erasure:
    """The person means it: every owner is told. Confirmed twice, nothing more happens.

    Raises 404 for what is not this person's, 410 where it was asked for too long ago, 403 where they did not
    just prove who they are, 409 where a city would have no officer, or nobody would operate this.
    """
    person_id = principal.person_id
    asked = await storage.lock(tx, erasure_id)
    if asked is None or asked.person_id != person_id:
        raise not_found("erasure")
    if asked.confirmed_at is not None:
        return asked
    if asked.is_void(now):
        raise Problem(410, "erasure-void", "Gone", "This was asked for too long ago. Ask again.")
    await gate.require_proof(tx, principal, now)
    alone = await _shops_run_alone(tx, person_id)
    await require_successors(tx, person_id)
    if asked.closes_shops:
        for shop in alone:
            await close_merchant(tx, shop, by=person_id, at=now)
    ids = tuple(shop.id for shop in alone)
    confirmed = replace(
        asked,
        confirmed_at=now,
        closed_merchant_ids=ids if asked.closes_shops else (),
        left_merchant_ids=() if asked.closes_shops else ids,
    )
    await storage.confirm(tx, confirmed)
    await outbox.record(tx, requested(confirmed, now))
    return confirmed


async def forget_unused(tx: Transaction, person_id: UUID, now: datetime) -> None:
    """As if the person had asked and confirmed it: they left their account (`people/unused.py`), and run no
    shop. The person is locked."""
    forgotten = Erasure(new_id(), person_id, now, closes_shops=False, confirmed_at=now)
    await storage.add(tx, forgotten)
    await outbox.record(tx, requested(forgotten, now))


async def _shops_run_alone(tx: Transaction, person_id: UUID) -> Sequence[Merchant]:
    """Open shops that nobody runs once this person is gone, locked.

    The lock comes first: of two owners who leave at the same time, the second is the last one.
    """
    own = select(role_grant.c.merchant_id).where(
        role_grant.c.person_id == person_id, role_grant.c.role == Role.merchant.value
    )
    alone = []
    for merchant_id in sorted((await tx.execute(own)).scalars()):
        shop = await merchants.lock_one(tx, merchant_id)
        if shop is not None and not shop.closed and not await is_run_by_others(tx, merchant_id, person_id):
            alone.append(shop)
    return alone


async def is_run_by_others(tx: Transaction, merchant_id: UUID, person_id: UUID) -> bool:
    """Whether the shop has an owner who stays, once this person is gone."""
    leaving = exists().where(
        erasure.c.person_id == role_grant.c.person_id, erasure.c.confirmed_at.is_not(None)
    )
    others = select(role_grant.c.id).where(
        role_grant.c.merchant_id == merchant_id,
        role_grant.c.role == Role.merchant.value,
        role_grant.c.person_id != person_id,
        ~leaving,
    )
    return (await tx.execute(others.limit(1))).first() is not None
