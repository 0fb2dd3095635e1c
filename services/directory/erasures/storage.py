"""Erasures from and to their tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.directory.erasures.domain import Erasure
from services.directory.erasures.tables import erasure, erasure_part

_NOTHING_DONE: dict[str, str] = {}
_parts = (
    select(func.jsonb_object_agg(erasure_part.c.owner, erasure_part.c.done_at))
    .where(erasure_part.c.erasure_id == erasure.c.id)
    .scalar_subquery()
    .label("parts")
)


def of_row(row: RowMapping) -> Erasure:
    """The erasure in a row of this table, with its parts where they were read."""
    parts = row.get("parts") or _NOTHING_DONE
    return Erasure(
        id=row["id"],
        person_id=row["person_id"],
        requested_at=row["requested_at"],
        closes_shops=row["closes_shops"],
        confirmed_at=row["confirmed_at"],
        closed_merchant_ids=tuple(row["closed_merchant_ids"]),
        left_merchant_ids=tuple(row["left_merchant_ids"]),
        parts={owner: datetime.fromisoformat(at) for owner, at in parts.items()},
    )


async def find(connection: AsyncConnection, erasure_id: UUID) -> Erasure | None:
    """The erasure with its progress, or None."""
    return await _first(connection, erasure.c.id == erasure_id)


async def newest_of(connection: AsyncConnection, person_id: UUID) -> Erasure | None:
    """What a person asked for last, or None."""
    return await _first(connection, erasure.c.person_id == person_id)


async def _first(connection: AsyncConnection, wanted: ColumnElement[bool]) -> Erasure | None:
    found = select(erasure, _parts).where(wanted).order_by(erasure.c.id.desc()).limit(1)
    row = (await connection.execute(found)).mappings().first()
    return of_row(row) if row else None


async def lock(tx: Transaction, erasure_id: UUID) -> Erasure | None:
    """The erasure, locked until the end of the transaction; without its progress."""
    found = select(erasure).where(erasure.c.id == erasure_id).with_for_update()
    row = (await tx.execute(found)).mappings().first()
    return of_row(row) if row else None


async def confirmed(connection: AsyncConnection, after: UUID | None, limit: int) -> list[Erasure]:
    """Confirmed ones with their progress, oldest first."""
    wanted: ColumnElement[bool] = erasure.c.confirmed_at.is_not(None)
    if after is not None:
        wanted &= erasure.c.id > after
    found = select(erasure, _parts).where(wanted).order_by(erasure.c.id).limit(limit)
    return [of_row(row) for row in (await connection.execute(found)).mappings()]


async def add(tx: Transaction, asked: Erasure) -> None:
    """A new request; one of the same person that was never confirmed is forgotten."""
    unconfirmed = (erasure.c.person_id == asked.person_id) & erasure.c.confirmed_at.is_(None)
    await tx.execute(delete(erasure).where(unconfirmed))
    await tx.execute(insert(erasure).values(_row(asked)))


async def confirm(tx: Transaction, confirmed: Erasure) -> None:
    """The request is confirmed, with what it means for shops."""
    await tx.execute(update(erasure).where(erasure.c.id == confirmed.id).values(_row(confirmed)))


async def remember(tx: Transaction, known: Erasure) -> None:
    """A confirmed erasure that its event tells of; where it is known as confirmed, nothing changes.

    A database restored from between the request and its confirmation knows it as unconfirmed.
    """
    other = erasure.alias()
    done = exists().where(other.c.person_id == known.person_id, other.c.confirmed_at.is_not(None))
    unconfirmed = (erasure.c.id == known.id, erasure.c.confirmed_at.is_(None))
    confirmation = {
        name: value for name, value in _row(known).items() if name not in ("requested_at", "closes_shops")
    }
    await tx.execute(update(erasure).where(*unconfirmed, ~done).values(confirmation))
    await tx.execute(insert(erasure).values(_row(known)).on_conflict_do_nothing())


async def add_parts(tx: Transaction, owner: str, parts: Sequence[tuple[UUID, datetime]]) -> None:
    """An owner is done with these erasures; told again, it stays at the first time."""
    rows: list[dict[str, Any]] = [
        {"erasure_id": erasure_id, "owner": owner, "done_at": at} for erasure_id, at in sorted(parts)
    ]
    await tx.execute(insert(erasure_part).on_conflict_do_nothing(), rows)


def _row(of: Erasure) -> dict[str, Any]:
    return {
        "id": of.id,
        "person_id": of.person_id,
        "requested_at": of.requested_at,
        "closes_shops": of.closes_shops,
        "confirmed_at": of.confirmed_at,
        "closed_merchant_ids": list(of.closed_merchant_ids),
        "left_merchant_ids": list(of.left_merchant_ids),
    }
