"""Rows of second factors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.directory.cities.tables import city
from services.directory.factors.domain import SET_UP_WITHIN
from services.directory.factors.tables import authenticator, passkey, recovery_code
from services.directory.identity_providers.tables import external_identity

_CONFIRMED = authenticator.c.confirmed_at.is_not(None)
_PENDING = authenticator.c.confirmed_at.is_(None)


async def confirmed(connection: AsyncConnection, person_id: UUID) -> RowMapping | None:
    """The person's authenticator that counts."""
    found = select(authenticator).where(authenticator.c.person_id == person_id, _CONFIRMED)
    return (await connection.execute(found)).mappings().first()


async def pending(connection: AsyncConnection, person_id: UUID, at: datetime) -> RowMapping | None:
    """The one that is being set up."""
    recent = authenticator.c.set_up_at > at - SET_UP_WITHIN
    found = select(authenticator).where(authenticator.c.person_id == person_id, _PENDING, recent)
    return (await connection.execute(found)).mappings().first()


async def set_up(tx: Transaction, values: dict[str, Any]) -> None:
    """One that waits for its first code, in place of another that does."""
    await tx.execute(delete(authenticator).where(authenticator.c.person_id == values["person_id"], _PENDING))
    await tx.execute(insert(authenticator).values(values))


async def confirm(tx: Transaction, row: RowMapping, step: int, at: datetime) -> bool:
    """The one that was set up counts from now on; whether another one did that it replaces."""
    replaced = await remove(tx, row["person_id"])
    counts = update(authenticator).where(authenticator.c.id == row["id"])
    await tx.execute(counts.values(confirmed_at=at, last_step=step))
    return replaced


async def take_step(tx: Transaction, identifier: UUID, step: int, sealed: bytes) -> bool:
    """The code of that step was given; False where that one, or a newer one, was given before."""
    newer = update(authenticator).where(authenticator.c.id == identifier, authenticator.c.last_step < step)
    return (await tx.execute(newer.values(last_step=step, sealed_secret=sealed))).rowcount == 1


async def remove(tx: Transaction, person_id: UUID) -> bool:
    """The authenticator that counts is gone; whether there was one."""
    counting = delete(authenticator).where(authenticator.c.person_id == person_id, _CONFIRMED)
    return (await tx.execute(counting)).rowcount > 0


async def remake_recovery_codes(
    tx: Transaction, person_id: UUID, hashes: Collection[bytes], at: datetime
) -> None:
    """These and no others."""
    await tx.execute(delete(recovery_code).where(recovery_code.c.person_id == person_id))
    rows = [{"person_id": person_id, "hash": each, "made_at": at} for each in hashes]
    if rows:
        await tx.execute(insert(recovery_code).values(rows))


async def use_recovery_code(tx: Transaction, person_id: UUID, code_hash: bytes, at: datetime) -> bool:
    """The code was given; False where there is none like it, or it was given before."""
    unused = update(recovery_code).where(
        recovery_code.c.person_id == person_id,
        recovery_code.c.hash == code_hash,
        recovery_code.c.used_at.is_(None),
    )
    return (await tx.execute(unused.values(used_at=at))).rowcount == 1


async def recovery_codes_left(connection: AsyncConnection, person_id: UUID) -> int:
    """How many were not used."""
    unused = select(func.count()).select_from(recovery_code)
    unused = unused.where(recovery_code.c.person_id == person_id, recovery_code.c.used_at.is_(None))
    left: int = (await connection.execute(unused)).scalar_one()
    return left


async def cities_that_vouch(connection: AsyncConnection, person_id: UUID) -> Sequence[RowMapping]:
    """Cities whose identity providers know the person, and since when; the first connected first."""
    since = func.min(external_identity.c.linked_at).label("linked_at")
    found = (
        select(city.c.id, city.c.name_fr, city.c.name_nl, since)
        .join(city, city.c.id == external_identity.c.city_id)
        .where(external_identity.c.person_id == person_id)
        .group_by(city.c.id, city.c.name_fr, city.c.name_nl)
        .order_by(since, city.c.id)
    )
    return (await connection.execute(found)).mappings().all()


async def forget_all(tx: Transaction, person_id: UUID) -> None:
    """The person has no second factor, nor what replaces one."""
    for table in (authenticator, passkey, recovery_code):
        await tx.execute(delete(table).where(table.c.person_id == person_id))
