"""What consultants do: they make a group of those who wait, edit it, offer its seats, and hold it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from chassis.outbox import record
from chassis.problems import conflict, invalid
from contracts.assessment.v1 import CoachingGroupFormed
from contracts.envelope import Event, Fact
from services.assessment import attendance
from services.assessment.coaching import storage
from services.assessment.coaching.domain.groups import IN_IT, OFFERING, Group, GroupState, SeatState
from services.assessment.coaching.domain.proposing import FEWEST_IN_A_GROUP
from services.assessment.coaching.tables import coaching_groups, coaching_seats
from services.assessment.requests.tables import VISIT


@dataclass(frozen=True)
class MakeGroup:
    city_id: UUID
    dimension: str
    language: str
    starts_at: datetime
    ends_at: datetime
    place: str
    request_ids: Sequence[UUID]
    """Its line: the first five are offered seats first."""


async def make(tx: Transaction, asked: MakeGroup, *, by: UUID, now: datetime) -> Group:
    """A draft, of which nobody hears yet. Raises 422 for a request that cannot be in it, naming its place."""
    _check_times(asked.starts_at, asked.ends_at, now)
    requests = await storage.lock_requests(tx, asked.request_ids)
    group = Group(
        id=new_id(),
        city_id=asked.city_id,
        dimension=asked.dimension,
        language=asked.language,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        place=asked.place,
        state=GroupState.DRAFT,
        version=1,
        changed_at=now,
        made_at=now,
        made_by=by,
    )
    _check_line(asked.request_ids, requests, group.city_id, kept=())
    await tx.execute(insert(coaching_groups).values(vars(group)))
    await _append(tx, group, [requests[each] for each in asked.request_ids], first=1)
    return group


async def revise(tx: Transaction, group: Group, changes: Mapping[str, Any], now: datetime) -> Group:
    """Other times, another place, another subject. Raises 409 for a group that is over."""
    _require_future(group)
    starts_at, ends_at = changes.get("starts_at", group.starts_at), changes.get("ends_at", group.ends_at)
    if {"starts_at", "ends_at"} & changes.keys():
        _check_times(starts_at, ends_at, now)
    return await storage.note(tx, group.id, now, **changes)


async def set_line(
    tx: Transaction, group: Group, request_ids: Sequence[UUID], requests: Mapping[UUID, Any], now: datetime
) -> Group:
    """Who is in the group and who is next in line, as consultants want it. Whoever is left out is removed.

    `requests` are locked, before the group. Whoever has a seat or an offer keeps it; what becomes free is
    offered to who is next by the new order.
    """
    _require_future(group)
    present = {seat.request_id: seat for seat in await storage.seats(tx, group.id, *IN_IT)}
    _check_line(request_ids, requests, group.city_id, kept=present)
    for request_id, seat in present.items():
        if request_id not in request_ids:
            await storage.change(tx, seat.id, state=SeatState.REMOVED)
    for line, request_id in enumerate(request_ids, 1):
        if request_id in present:
            await storage.change(tx, present[request_id].id, line=line)
        else:
            await _append(tx, group, [requests[request_id]], first=line)
    await storage.pass_on(tx, group, now)
    return await storage.note(tx, group.id, now)


async def open_offers(tx: Transaction, group: Group, now: datetime) -> Group:
    """Offer the first five their seats. Raises 409 for a group that is no draft, or begins already."""
    if group.state is not GroupState.DRAFT or now >= group.starts_at:
        raise conflict("not-a-draft", f"Seats are offered once, before it begins: it is {group.state.value}.")
    opened = await storage.note(tx, group.id, now, state=GroupState.OPEN)
    await storage.pass_on(tx, opened, now)
    return opened


async def form(tx: Transaction, group: Group, now: datetime) -> Group:
    """It takes place with those who took a seat, and is told. Raises 409 where these are too few."""
    if group.state is not GroupState.OPEN:
        raise conflict("not-open", f"Only an open group is formed: it is {group.state.value}.")
    taken = len(await storage.seats(tx, group.id, SeatState.TAKEN))
    if taken < FEWEST_IN_A_GROUP:
        raise conflict("too-few", f"A group has {FEWEST_IN_A_GROUP} at least; {taken} took a seat.")
    formed = await storage.note(tx, group.id, now, state=GroupState.FORMED, formed_at=now, formed_with=taken)
    await record(tx, formed_event(vars(formed)))
    return formed


async def cancel(tx: Transaction, group: Group, now: datetime) -> Group:
    """It does not take place; those who were in it can be in others at once. Done twice, it stays so."""
    if group.state is GroupState.CANCELLED:
        return group
    _require_future(group)
    for seat in await storage.seats(tx, group.id, *IN_IT):
        await storage.change(tx, seat.id, state=SeatState.CANCELLED)
    return await storage.note(tx, group.id, now, state=GroupState.CANCELLED)


async def note_attendance(tx: Transaction, group: Group, came: Collection[UUID], now: datetime) -> Group:
    """Who came, of those who had a seat. Raises 409 before it begins, 422 for somebody who had none."""
    if group.state not in (GroupState.FORMED, GroupState.HELD) or now < group.starts_at:
        raise conflict("not-held", "Attendance is noted once a formed group has begun.")
    seats = {seat.request_id: seat for seat in await storage.seats(tx, group.id, SeatState.TAKEN)}
    for number, request_id in enumerate(came):
        if request_id not in seats:
            raise invalid(f"came.{number}", "had no seat in this group")
    for request_id, seat in seats.items():
        this, attended = coaching_seats.c.id == seat.id, request_id in came
        noted = attendance.Noted(attended, group.starts_at, now)
        await attendance.note_and_tell(tx, coaching_seats, this, noted)
    return await storage.note(tx, group.id, now, state=GroupState.HELD)


def _require_future(group: Group) -> None:
    if group.state not in (GroupState.DRAFT, *OFFERING):
        raise conflict("group-over", f"This group is {group.state.value}.")


def _check_times(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if starts_at <= now:
        raise invalid("starts_at", "is not in the future")
    if ends_at <= starts_at:
        raise invalid("ends_at", "is not after the beginning")


def _check_line(
    request_ids: Sequence[UUID],
    requests: Mapping[UUID, Mapping[Any, Any]],
    city_id: UUID,
    kept: Collection[UUID],
) -> None:
    """Raise 422 for a request that comes new and cannot be in a group, or that is named twice."""
    for number, request_id in enumerate(request_ids):
        known = requests.get(request_id)
        if request_id in request_ids[:number]:
            raise invalid(f"request_ids.{number}", "is named before")
        if request_id in kept:
            continue
        if known is None or known["city_id"] != city_id or known["wish"] == VISIT:
            raise invalid(f"request_ids.{number}", "is no request for a training in this city")
        if known["withdrawn_at"] is not None:
            raise invalid(f"request_ids.{number}", "was withdrawn")
        if known["served_at"] is not None:
            raise invalid(f"request_ids.{number}", "was served")


async def _append(tx: Transaction, group: Group, requests: Sequence[Mapping[Any, Any]], first: int) -> None:
    rows = [
        {
            "id": new_id(),
            "group_id": group.id,
            "city_id": group.city_id,
            "request_id": request["id"],
            "merchant_id": request["merchant_id"],
            "line": line,
            "state": SeatState.WAITING,
        }
        for line, request in enumerate(requests, first)
    ]
    if rows:
        await tx.execute(insert(coaching_seats), rows)


def formed_event(row: Mapping[Any, Any]) -> Event[Fact]:
    """What is told of a group: how many, about what, in which language. Nobody's name or shop."""
    fact = CoachingGroupFormed(
        city_id=row["city_id"],
        group_id=row["id"],
        dimension=row["dimension"],
        language=row["language"],
        participants=row["formed_with"],
    )
    return Event.of(fact, row["formed_at"])


_G, _S = coaching_groups.c, coaching_seats.c
HISTORY = (
    Source(
        select(coaching_seats).where(_S.offered_at.is_not(None)).order_by(_S.offered_at, _S.id),
        storage.offered,
    ),
    Source(
        select(coaching_groups).where(_G.formed_at.is_not(None)).order_by(_G.formed_at, _G.id),
        formed_event,
    ),
    attendance.history(coaching_seats),
)
