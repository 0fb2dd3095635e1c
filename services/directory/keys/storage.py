"""Rows of API keys."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.directory.keys.domain import ApiKey
from services.directory.keys.tables import api_key

_SHOWN = [column for column in api_key.c if column.name != "secret_hash"]


def keys_of(city_id: UUID) -> Select[Any]:
    """A city's keys, newest first, those that were revoked too."""
    return select(*_SHOWN).where(api_key.c.city_id == city_id).order_by(api_key.c.id.desc())


def of_row(row: Any) -> ApiKey:
    """The key of a row of `keys_of`."""
    return ApiKey(**{**row, "scopes": tuple(row["scopes"])})


async def add(tx: Transaction, new: ApiKey, secret_hash: bytes) -> None:
    """Store a key that was just made."""
    await tx.execute(
        insert(api_key).values({**asdict(new), "scopes": list(new.scopes), "secret_hash": secret_hash})
    )


async def count_usable(tx: Transaction, city_id: UUID, at: datetime) -> int:
    """How many keys of the city get tokens at that time."""
    usable = (api_key.c.city_id == city_id) & api_key.c.revoked_at.is_(None) & (api_key.c.expires_at > at)
    return (await tx.execute(select(func.count()).where(usable))).scalar_one()


async def secret_hash_of(connection: AsyncConnection, key_id: UUID) -> bytes | None:
    """The hash of the key's secret; None where there is no such key."""
    found: bytes | None = await connection.scalar(select(api_key.c.secret_hash).where(api_key.c.id == key_id))
    return found


async def lock(tx: Transaction, key_id: UUID) -> ApiKey | None:
    """The key, which nobody else changes until the transaction ends."""
    rows = await tx.execute(select(*_SHOWN).where(api_key.c.id == key_id).with_for_update())
    row = rows.mappings().first()
    return None if row is None else of_row(row)


async def record_use(tx: Transaction, used: ApiKey) -> None:
    """Store what a use changed."""
    await tx.execute(
        update(api_key)
        .where(api_key.c.id == used.id)
        .values(
            last_used_at=used.last_used_at,
            window_began_at=used.window_began_at,
            window_tokens=used.window_tokens,
        )
    )


async def record_revocation(tx: Transaction, key_id: UUID, at: datetime) -> None:
    """The key gets no more tokens from then on; one that was revoked before keeps its time."""
    await tx.execute(
        update(api_key).where(api_key.c.id == key_id, api_key.c.revoked_at.is_(None)).values(revoked_at=at)
    )
