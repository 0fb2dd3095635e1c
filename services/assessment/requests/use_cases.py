"""A merchant asks for a training or a visit, with consent to be contacted about it, and may take it back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert

from chassis.access import Access
from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import new_id
from chassis.outbox import record
from chassis.problems import conflict, invalid, not_found
from contracts.assessment.v1 import TrainingRequested, TrainingRequestWithdrawn
from contracts.envelope import Event, Fact
from services.assessment import merchants
from services.assessment.coaching import seats
from services.assessment.coaching.domain.proposing import HalfDay
from services.assessment.requests.tables import VISIT, training_requests

OPEN = """r.withdrawn_at IS NULL AND r.served_at IS NULL
       AND NOT EXISTS (SELECT FROM coaching_seats had WHERE had.request_id = r.id AND had.attended)"""
"""Of a row `r` of training_requests: whoever asked still waits, and may be contacted about it."""


# Whoever was in a group is called no more, and may ask for the same again: then the first is over for good.
_END_WHAT_A_GROUP_GAVE = text("""
    UPDATE training_requests r SET served_at = g.ends_at
      FROM coaching_seats s JOIN coaching_groups g ON g.id = s.group_id
     WHERE s.request_id = r.id AND s.attended AND r.merchant_id = :merchant_id AND r.wish = :wish
       AND r.withdrawn_at IS NULL AND r.served_at IS NULL
""").bindparams(bindparam("merchant_id", type_=Uuid))


class CallOutcome(StrEnum):
    """What came of a call about a request."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    VISIT_AGREED = "visit_agreed"
    NO_INTEREST = "no_interest"


_IS_OPEN = text(f"SELECT EXISTS (SELECT FROM training_requests r WHERE r.id = :id AND {OPEN})").bindparams(  # noqa: S608
    bindparam("id", type_=Uuid)
)


@dataclass(frozen=True)
class Request:
    """One that was made, as it is stored."""

    id: UUID
    city_id: UUID
    merchant_id: UUID
    wish: str
    language: str
    half_days: Sequence[HalfDay]
    """When they have time, in a week; none where they did not say."""
    requested_at: datetime
    requested_by: UUID
    withdrawn_at: datetime | None = None
    served_at: datetime | None = None
    served_in: UUID | None = None
    """The session in which the shop was seen, where it was one."""


def _requested(row: Mapping[Any, Any]) -> Event[Fact]:
    fact = TrainingRequested(
        city_id=row["city_id"],
        request_id=row["id"],
        merchant_id=row["merchant_id"],
        wish=row["wish"],
        language=row["language"],
    )
    return Event.of(fact, row["requested_at"])


def _withdrawn(row: Mapping[Any, Any]) -> Event[Fact]:
    fact = TrainingRequestWithdrawn(
        city_id=row["city_id"], request_id=row["id"], merchant_id=row["merchant_id"]
    )
    return Event.of(fact, row["withdrawn_at"])


async def ask_for(
    tx: Transaction,
    trainings: Collection[str],
    merchant_id: UUID,
    wish: str,
    language: str,
    *,
    half_days: Sequence[HalfDay],
    by: Access,
    now: datetime,
) -> Request:
    """Store and tell.

    Raises Problem: 422 for an unknown merchant or training; 403 for somebody who does not work there; 409 for
    a merchant that has closed, or that has asked for the same already.
    """
    merchant = await merchants.find(tx, merchant_id)
    if merchant is None:
        raise invalid("merchant_id", "no such merchant is known here")
    by.within(city_id=merchant.city_id, merchant_id=merchant_id)
    if merchant.closed:
        raise conflict("merchant-closed", "This merchant has closed or is no longer listed.")
    if wish != VISIT and wish not in trainings:
        raise invalid("wish", f"is neither `{VISIT}` nor the key of a training")
    made = Request(new_id(), merchant.city_id, merchant_id, wish, language, half_days, now, by.person_id)
    await tx.execute(_END_WHAT_A_GROUP_GAVE, {"merchant_id": merchant_id, "wish": wish})
    statement = insert(training_requests).values(**vars(made)).on_conflict_do_nothing()
    if (await tx.execute(statement.returning(training_requests.c.id))).first() is None:
        raise conflict("already-requested", "This was asked for already, and is still open.")
    await record(tx, _requested(vars(made)))
    return made


async def withdraw(tx: Transaction, request_id: UUID, *, by: Access, now: datetime) -> None:
    """Take it back: nobody is to call any more, and its seat in a coaching group is free for the next.

    Done twice, the first time stays. Raises 404 and 403, and 409 for one that was served, in a group too:
    what was given is not taken back, and its consent is over without that.
    """
    row = await _locked(tx, request_id, by)
    if row["withdrawn_at"] is not None:
        return
    if not await _is_open(tx, request_id):
        raise conflict("request-served", "This request was served: there is nothing to take back.")
    await close(tx, request_id, now, withdrawn_at=now)
    await record(tx, _withdrawn({**row, "withdrawn_at": now}))


async def serve(tx: Transaction, request_id: UUID, *, by: Access, now: datetime) -> None:
    """Say that a consultant came by, or that the training was given: it is off the call list.

    The shop may ask for the same again. Done twice, the first time stays. Raises 404 and 403, and 409 for a
    request that was taken back.
    """
    row = await _locked(tx, request_id, by)
    if row["withdrawn_at"] is not None:
        raise conflict("request-withdrawn", "This request was taken back.")
    if row["served_at"] is None:
        await close(tx, request_id, now, served_at=now)


async def note_call(
    tx: Transaction,
    request_id: UUID,
    outcome: CallOutcome,
    next_on: date | None,
    *,
    by: Access,
    now: datetime,
) -> None:
    """Say what came of a call, and which day was agreed: to call again, or of the visit. The latest counts.

    Whoever has no interest any more has taken the request back, and the consent with it. Raises 404 and 403,
    409 for a request that is over, in a group too.
    """
    await _locked(tx, request_id, by)
    if not await _is_open(tx, request_id):
        raise conflict("request-over", "This request was served or taken back.")
    called = {"called_at": now, "call_outcome": outcome.value, "call_next_on": next_on}
    await tx.execute(update(training_requests).where(training_requests.c.id == request_id).values(called))
    if outcome is CallOutcome.NO_INTEREST:
        await withdraw(tx, request_id, by=by, now=now)


async def _locked(tx: Transaction, request_id: UUID, by: Access) -> Mapping[Any, Any]:
    query = select(training_requests).where(training_requests.c.id == request_id).with_for_update()
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        raise not_found("request")
    by.within(city_id=row["city_id"], merchant_id=row["merchant_id"])
    return row


async def _is_open(tx: Transaction, request_id: UUID) -> bool:
    """Of one that is locked. Its groups are locked too: who came to them stays as it is read here."""
    await seats.lock_groups_of(tx, request_id)
    return bool(await tx.scalar(_IS_OPEN, {"id": request_id}))


async def close(tx: Transaction, request_id: UUID, now: datetime, **how: datetime | UUID) -> None:
    """End one that is locked: `how` is written, and its seats are free."""
    await tx.execute(update(training_requests).where(training_requests.c.id == request_id).values(how))
    await seats.leave_all(tx, request_id, now)


_C = training_requests.c
HISTORY = (
    Source(select(training_requests).order_by(_C.requested_at, _C.id), _requested),
    Source(
        select(training_requests).where(_C.withdrawn_at.is_not(None)).order_by(_C.withdrawn_at, _C.id),
        _withdrawn,
    ),
)
