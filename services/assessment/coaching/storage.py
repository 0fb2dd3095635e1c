"""Rows of groups and seats, and the order in which they are locked.

Locks are taken from requests to groups, each in the order of their ids, everywhere: so no two transactions
wait for each other. Seats are changed by whoever has locked their group alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.outbox import record
from chassis.problems import not_found
from contracts.assessment.v1 import CoachingSeatOffered
from contracts.envelope import Event, Fact
from services.assessment.coaching.domain.groups import IN_IT, SEATS, Group, GroupState, Seat, SeatState
from services.assessment.coaching.domain.working_days import offer_ends
from services.assessment.coaching.tables import coaching_groups, coaching_seats
from services.assessment.requests.tables import training_requests


def group_of(row: Mapping[Any, Any]) -> Group:
    return Group(**{**row, "state": GroupState(row["state"])})


def seat_of(row: Mapping[Any, Any]) -> Seat:
    columns = {name: row[name] for name in Seat.__dataclass_fields__}
    return Seat(**{**columns, "state": SeatState(row["state"])})


async def group(connection: AsyncConnection, group_id: UUID) -> Group:
    """That group. Raises 404."""
    found = select(coaching_groups).where(coaching_groups.c.id == group_id)
    row = (await connection.execute(found)).mappings().one_or_none()
    if row is None:
        raise not_found("coaching group")
    return group_of(row)


async def lock_groups(tx: Transaction, group_ids: Collection[UUID]) -> dict[UUID, Group]:
    """Those groups, locked in the order of their ids."""
    wanted = select(coaching_groups).where(coaching_groups.c.id.in_(group_ids))
    rows = await tx.execute(wanted.order_by(coaching_groups.c.id).with_for_update())
    return {row["id"]: group_of(row) for row in rows.mappings()}


async def lock_group(tx: Transaction, group_id: UUID) -> Group:
    """That group, locked. Raises 404."""
    found = await lock_groups(tx, [group_id])
    if group_id not in found:
        raise not_found("coaching group")
    return found[group_id]


async def lock_requests(tx: Transaction, request_ids: Collection[UUID]) -> dict[UUID, Mapping[Any, Any]]:
    """Those requests, locked in the order of their ids."""
    known = training_requests.c
    wanted = select(training_requests).where(known.id.in_(request_ids)).order_by(known.id).with_for_update()
    return {row["id"]: row for row in (await tx.execute(wanted)).mappings()}


async def requests(
    connection: AsyncConnection, request_ids: Collection[UUID]
) -> dict[UUID, Mapping[Any, Any]]:
    """Those requests, where they are locked already."""
    wanted = select(training_requests).where(training_requests.c.id.in_(request_ids))
    return {row["id"]: row for row in (await connection.execute(wanted)).mappings()}


async def seats(connection: AsyncConnection, group_id: UUID, *states: SeatState) -> list[Seat]:
    """The group's seats in these states (in all, where none is named), who is first in line first."""
    known = coaching_seats.c
    wanted = select(coaching_seats).where(known.group_id == group_id).order_by(known.line, known.id)
    if states:
        wanted = wanted.where(known.state.in_(states))
    return [seat_of(row) for row in (await connection.execute(wanted)).mappings()]


async def of_request(connection: AsyncConnection, request_id: UUID) -> list[Seat]:
    """Where a request is in a group, or in line."""
    known = coaching_seats.c
    wanted = select(coaching_seats).where(known.request_id == request_id, known.state.in_(IN_IT))
    return [seat_of(row) for row in (await connection.execute(wanted)).mappings()]


async def seat(connection: AsyncConnection, seat_id: UUID) -> Seat:
    """That seat. Raises 404."""
    found = select(coaching_seats).where(coaching_seats.c.id == seat_id)
    row = (await connection.execute(found)).mappings().one_or_none()
    if row is None:
        raise not_found("seat")
    return seat_of(row)


async def change(tx: Transaction, seat_id: UUID, **values: Any) -> None:
    """Of a seat whose group is locked. Without a state in which it has a number, it loses that."""
    if "state" in values and values["state"] not in (SeatState.OFFERED, SeatState.TAKEN):
        values["seat"] = None
    await tx.execute(update(coaching_seats).where(coaching_seats.c.id == seat_id).values(values))


async def note(tx: Transaction, group_id: UUID, at: datetime, **values: Any) -> Group:
    """One change more of a group that is locked, whatever it was."""
    known = coaching_groups.c
    changed = {"version": known.version + 1, "changed_at": at, **values}
    statement = update(coaching_groups).where(known.id == group_id).values(changed)
    return group_of((await tx.execute(statement.returning(coaching_groups))).mappings().one())


async def free_seats(tx: Transaction, group_id: UUID) -> list[int]:
    """Numbers that nobody has."""
    known = coaching_seats.c
    taken = select(known.seat).where(known.group_id == group_id, known.seat.is_not(None))
    numbers = set((await tx.execute(taken)).scalars())
    return [number for number in SEATS if number not in numbers]


# Not: who took a seat elsewhere for it, took it back, or closed.
_NEXT = text("""
    SELECT s.* FROM coaching_seats s
      JOIN training_requests r ON r.id = s.request_id AND r.withdrawn_at IS NULL AND r.served_at IS NULL
      JOIN merchants m ON m.merchant_id = s.merchant_id AND m.closed_version <= m.listed_version
     WHERE s.group_id = :group_id AND s.state = 'waiting'
       AND NOT EXISTS (SELECT FROM coaching_seats t WHERE t.request_id = s.request_id AND t.state = 'taken')
     ORDER BY s.line, s.id LIMIT :most
""")
_EXPIRE = text("""
    UPDATE coaching_seats SET state = 'expired', seat = NULL
     WHERE group_id = :group_id AND state = 'offered' AND expires_at <= :now
""")


async def pass_on(tx: Transaction, known: Group, now: datetime) -> bool:
    """End offers whose time is over, and offer what is free to who is next; whether something changed.

    The group is locked. Nothing is offered by one that is over, cancelled or not open.
    """
    expired = (await tx.execute(_EXPIRE, {"group_id": known.id, "now": now})).rowcount
    free = await free_seats(tx, known.id) if known.offers(now) else []
    asked = {"group_id": known.id, "most": len(free)}
    following = (await tx.execute(_NEXT, asked)).mappings().all() if free else []
    for number, row in zip(free, following, strict=False):
        values = {
            "state": SeatState.OFFERED,
            "seat": number,
            "offered_at": now,
            "expires_at": offer_ends(now, known.starts_at),
        }
        await change(tx, row["id"], **values)
        await record(tx, offered({**row, **values}))
    return bool(expired or following)


def offered(row: Mapping[Any, Any]) -> Event[Fact]:
    """What is told of an offer: whom it was made to, and until when it holds."""
    fact = CoachingSeatOffered(
        city_id=row["city_id"],
        offer_id=row["id"],
        group_id=row["group_id"],
        request_id=row["request_id"],
        merchant_id=row["merchant_id"],
        expires_at=row["expires_at"],
    )
    return Event.of(fact, row["offered_at"])
