"""Programmes from and to their tables, and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from chassis.database import Transaction
from chassis.problems import not_found
from services.assessment.programme.domain import Programme, Progress
from services.assessment.programme.tables import programme_towns, programmes
from services.assessment.sessions.tables import sessions


async def find(tx: Transaction, programme_id: UUID, *, to_change: bool = False) -> Programme:
    """The programme; locked until the end of the transaction where it is to be changed. Raises 404."""
    query = select(programmes).where(programmes.c.id == programme_id)
    row = (await tx.execute(query.with_for_update() if to_change else query)).mappings().first()
    if row is None:
        raise not_found("programme")
    towns = select(programme_towns.c.city_id, programme_towns.c.planned).where(
        programme_towns.c.programme_id == programme_id
    )
    return _of_row(row, {row.city_id: row.planned for row in await tx.execute(towns)})


async def add(tx: Transaction, new: Programme) -> None:
    """Store a programme for the first time."""
    await tx.execute(insert(programmes).values(id=new.id, **_columns(new)))
    await _add_towns(tx, new)


async def save(tx: Transaction, changed: Programme) -> Programme:
    """Store a new version of a programme that `find` has locked; as stored."""
    saved = replace(changed, version=changed.version + 1)
    await tx.execute(update(programmes).where(programmes.c.id == saved.id).values(**_columns(saved)))
    await tx.execute(delete(programme_towns).where(programme_towns.c.programme_id == saved.id))
    await _add_towns(tx, saved)
    return saved


async def _add_towns(tx: Transaction, of: Programme) -> None:
    rows = [
        {"programme_id": of.id, "city_id": city, "planned": planned} for city, planned in of.planned.items()
    ]
    await tx.execute(insert(programme_towns), rows)


async def progress_of(tx: Transaction, programme: Programme) -> dict[UUID, Progress]:
    """By town, how far it has come: its sessions that begin within the period."""
    first, after = programme.period()
    known = sessions.c
    counts: tuple[ColumnElement[int], ...] = tuple(
        func.count().filter(known.state == state) for state in ("announced", "held", "cancelled")
    )
    query = (
        select(known.city_id, *counts, func.coalesce(func.sum(known.participants), 0))
        .where(
            known.city_id.in_(programme.planned),
            known.starts_at >= first,
            known.starts_at < after,
        )
        .group_by(known.city_id)
    )
    found: dict[UUID, tuple[int, ...]] = {city: tuple(rest) for city, *rest in await tx.execute(query)}
    return {city: Progress(planned, *found.get(city, ())) for city, planned in programme.planned.items()}


def _of_row(row: Mapping[Any, Any], planned: dict[UUID, int]) -> Programme:
    return Programme(
        id=row["id"],
        name=row["name"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        planned=planned,
        version=row["version"],
    )


def _columns(of: Programme) -> dict[str, object]:
    return {"name": of.name, "starts_on": of.starts_on, "ends_on": of.ends_on, "version": of.version}
