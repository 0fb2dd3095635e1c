"""What a shop does: it joins a group or its line, takes the seat that it is offered, and leaves.

A request waits in as many lines as its shop likes, and takes one seat: taking it leaves the other lines, so
that nobody holds two seats for one wish while others wait. Two requests of one shop are two wishes, and each
keeps its lines.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select

from chassis.access import Access
from chassis.database import Transaction
from chassis.ids import new_id
from chassis.problems import conflict, invalid, not_found
from services.assessment.coaching import storage
from services.assessment.coaching.domain.groups import IN_IT, Group, Seat, SeatState
from services.assessment.coaching.tables import coaching_seats
from services.assessment.requests.tables import VISIT


async def join(tx: Transaction, group_id: UUID, request_id: UUID, *, by: Access, now: datetime) -> Seat:
    """Take a free seat for which nobody waits, or go to the end of the line. Done twice, it is done once.

    Raises 404 for an unknown group, 422 for a request that cannot be in it, 403 for one of somebody else, 409
    where the group is not open or the request has a seat elsewhere.
    """
    request = (await storage.lock_requests(tx, [request_id])).get(request_id)
    if request is None:
        raise invalid("request_id", "is no request that is known here")
    by.within(city_id=request["city_id"], merchant_id=request["merchant_id"])
    own = await storage.of_request(tx, request_id)
    groups = await storage.lock_groups(tx, {group_id, *(each.group_id for each in own)})
    group = groups.get(group_id)
    if group is None:
        raise not_found("coaching group")
    if request["city_id"] != group.city_id or request["wish"] == VISIT:
        raise invalid("request_id", "is no request for a training in this city")
    if request["withdrawn_at"] is not None:
        raise conflict("request-withdrawn", "This request was taken back: ask anew.")
    if request["served_at"] is not None:
        raise conflict("request-served", "This request was served: ask anew.")
    if not group.offers(now):
        raise conflict("group-not-open", f"This group takes nobody: it is {group.state.value}, or began.")
    own = await storage.of_request(tx, request_id)
    if known := next((each for each in own if each.group_id == group_id), None):
        return known
    if any(each.state is SeatState.TAKEN for each in own):
        raise conflict("seat-elsewhere", "This request has a seat in another group: leave that one first.")
    await storage.pass_on(tx, group, now)
    joined = await _sit_or_wait(tx, group, request_id, request["merchant_id"], now)
    if joined.state is SeatState.TAKEN:
        await _leave_others(tx, own, groups, now)
    await storage.note(tx, group_id, now)
    return joined


async def _sit_or_wait(
    tx: Transaction, group: Group, request_id: UUID, merchant_id: UUID, now: datetime
) -> Seat:
    """Whoever waits was offered what is free before: what is left is nobody's."""
    free = await storage.free_seats(tx, group.id)
    waiting = Seat(
        id=new_id(),
        group_id=group.id,
        city_id=group.city_id,
        request_id=request_id,
        merchant_id=merchant_id,
        line=await end_of_line(tx, group.id),
        state=SeatState.WAITING,
    )
    joined = replace(waiting, state=SeatState.TAKEN, seat=free[0], taken_at=now) if free else waiting
    await tx.execute(insert(coaching_seats).values(vars(joined)))
    return joined


async def end_of_line(tx: Transaction, group_id: UUID) -> int:
    last = select(func.max(coaching_seats.c.line)).where(coaching_seats.c.group_id == group_id)
    return ((await tx.execute(last)).scalar_one() or 0) + 1


async def take(tx: Transaction, seat_id: UUID, *, by: Access, now: datetime) -> Seat:
    """Take the seat that is offered, and leave the request's other lines. Done twice, it stays taken.

    Raises 404 and 403, and 409 where it is not offered, or not any more.
    """
    request_id = await _own(tx, seat_id, by)
    await storage.lock_requests(tx, [request_id])
    own = await storage.of_request(tx, request_id)
    groups = await storage.lock_groups(tx, {each.group_id for each in own})
    own = [each for each in await storage.of_request(tx, request_id) if each.group_id in groups]
    offered = next((each for each in own if each.id == seat_id), None)
    if offered is not None and offered.state is SeatState.TAKEN:
        return offered
    is_good = offered is not None and offered.state is SeatState.OFFERED
    if offered is None or not is_good or offered.expires_at is None or offered.expires_at <= now:
        raise conflict("not-offered", "This seat is not offered to you, or the offer is over.")
    if not groups[offered.group_id].offers(now):
        raise conflict("group-not-open", "This group began, or does not take place.")
    others = [each for each in own if each.id != seat_id]
    if any(each.state is SeatState.TAKEN for each in others):
        raise conflict("seat-elsewhere", "This request has a seat in another group: leave that one first.")
    await storage.change(tx, seat_id, state=SeatState.TAKEN, taken_at=now)
    await storage.note(tx, offered.group_id, now)
    await _leave_others(tx, others, groups, now)
    return replace(offered, state=SeatState.TAKEN, taken_at=now)


async def leave(tx: Transaction, seat_id: UUID, *, by: Access, now: datetime) -> Seat:
    """Decline an offer, leave the line, or give a seat back, which the next in line is offered at once.

    Done twice, the first time stays. Raises 404 and 403, and 409 once the group has begun.
    """
    await _own(tx, seat_id, by)
    before = await storage.seat(tx, seat_id)
    group = await storage.lock_group(tx, before.group_id)
    known = await storage.seat(tx, seat_id)
    if known.state not in IN_IT:
        return known
    if now >= group.starts_at:
        raise conflict(
            "group-began", "The group has begun: whether somebody came is noted by its consultant."
        )
    state = SeatState.DECLINED if known.state is SeatState.OFFERED else SeatState.LEFT
    await storage.change(tx, seat_id, state=state)
    await storage.pass_on(tx, group, now)
    await storage.note(tx, group.id, now)
    return replace(known, state=state, seat=None)


async def leave_all(tx: Transaction, request_id: UUID, now: datetime) -> None:
    """The request is over, and locked: its seats are free at once, but those in which its shop sat."""
    groups = await lock_groups_of(tx, request_id)
    own = await storage.of_request(tx, request_id)
    await _leave_others(tx, [each for each in own if not each.attended], groups, now)


async def lock_groups_of(tx: Transaction, request_id: UUID) -> dict[UUID, Group]:
    """Those in which the request has a seat or waits. It is locked before."""
    own = await storage.of_request(tx, request_id)
    return await storage.lock_groups(tx, {each.group_id for each in own})


async def _leave_others(tx: Transaction, own: list[Seat], groups: dict[UUID, Group], now: datetime) -> None:
    """These are left, and what becomes free is offered on."""
    for seat in sorted(own, key=lambda each: each.group_id):
        if seat.group_id in groups:
            await storage.change(tx, seat.id, state=SeatState.LEFT)
            await storage.pass_on(tx, groups[seat.group_id], now)
            await storage.note(tx, seat.group_id, now)


async def _own(tx: Transaction, seat_id: UUID, by: Access) -> UUID:
    """The seat's request, where the caller works at its shop. Raises 404 and 403."""
    seat = await storage.seat(tx, seat_id)
    by.within(city_id=seat.city_id, merchant_id=seat.merchant_id)
    return seat.request_id
