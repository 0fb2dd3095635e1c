"""Rows of passkeys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.directory.factors.tables import passkey


async def of_person(connection: AsyncConnection, person_id: UUID) -> Sequence[RowMapping]:
    """What is shown of a person's passkeys, and their credential ids, the first added first."""
    found = select(passkey).where(passkey.c.person_id == person_id).order_by(passkey.c.id)
    return (await connection.execute(found)).mappings().all()


async def add(tx: Transaction, values: dict[str, Any]) -> bool:
    """A new one; False where somebody has it already."""
    adding = insert(passkey).values(values).on_conflict_do_nothing(index_elements=[passkey.c.credential_id])
    return (await tx.execute(adding)).rowcount == 1


async def lock(tx: Transaction, credential_id: bytes) -> RowMapping | None:
    """The passkey of that id, locked: of two answers with one counter, the second is seen to be that."""
    found = select(passkey).where(passkey.c.credential_id == credential_id).with_for_update()
    return (await tx.execute(found)).mappings().first()


async def used(tx: Transaction, passkey_id: UUID, sign_count: int, at: datetime) -> None:
    """It answered, with this counter."""
    using = update(passkey).where(passkey.c.id == passkey_id)
    await tx.execute(using.values(sign_count=sign_count, last_used_at=at))


async def rename(tx: Transaction, passkey_id: UUID, person_id: UUID, name: str) -> bool:
    """Whether it is there, and the person's."""
    own = update(passkey).where(passkey.c.id == passkey_id, passkey.c.person_id == person_id)
    return (await tx.execute(own.values(name=name))).rowcount == 1


async def remove(tx: Transaction, passkey_id: UUID, person_id: UUID) -> bool:
    """Whether it was there, and the person's."""
    own = delete(passkey).where(passkey.c.id == passkey_id, passkey.c.person_id == person_id)
    return (await tx.execute(own)).rowcount == 1
