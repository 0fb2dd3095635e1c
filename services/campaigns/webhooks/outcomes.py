"""What came of an attempt: noted with what follows from it for the message and for its endpoint."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import RowMapping, select, update

from chassis.database import Transaction, after_commit
from chassis.ids import new_id
from chassis.telemetry_names import DELIVERIES
from services.campaigns.webhooks.domain import Answer, Disabled, Health, State, next_attempt
from services.campaigns.webhooks.tables import webhook_attempt, webhook_delivery, webhook_endpoint

log = structlog.get_logger(__name__)
_COUNTED = {State.DELIVERED: "sent", State.PENDING: "put_back", State.GIVEN_UP: "failed"}


@dataclass(frozen=True)
class Attempted:
    """One attempt to deliver a message, the how-manieth it was, and what came of it."""

    delivery_id: UUID
    number: int
    answer: Answer
    at: datetime
    took: timedelta


async def note(tx: Transaction, endpoint_id: UUID, attempted: Attempted) -> None:
    """Keep it. The endpoint's row is locked first, as everywhere; one that was removed needs nothing more."""
    query = (
        select(webhook_endpoint).where(webhook_endpoint.c.id == endpoint_id).with_for_update(key_share=True)
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        return
    before = health_of(row)
    after = before.after(attempted.answer, attempted.at)
    changed = update(webhook_endpoint).where(webhook_endpoint.c.id == endpoint_id)
    await tx.execute(changed.values(columns_of(after)))
    state = await _move_on(tx, attempted)
    await tx.execute(webhook_attempt.insert().values(_row(row["city_id"], attempted)))
    after_commit(tx, DELIVERIES.labels("webhook", _COUNTED[state]).inc)
    if after.disabled is not before.disabled:
        log.warning("a webhook endpoint was switched off", endpoint=str(endpoint_id), why=after.disabled)


def health_of(row: RowMapping) -> Health:
    """How the endpoint of that row does."""
    return Health(
        failures=row["failures"],
        failing_since=row["failing_since"],
        rests_until=row["rests_until"],
        disabled=Disabled(row["disabled"]) if row["disabled"] else None,
    )


def columns_of(health: Health) -> dict[str, Any]:
    """The same as columns."""
    return {**vars(health), "disabled": health.disabled.value if health.disabled else None}


async def _move_on(tx: Transaction, attempted: Attempted) -> State:
    """One that arrived meanwhile, by a process whose lease had run out, stays delivered."""
    answer, again = attempted.answer, None
    if not answer.is_success:
        chance = random.random()  # noqa: S311  spreads attempts; nobody gains by guessing it
        again = next_attempt(attempted.number, answer, attempted.at, chance)
    state = State.DELIVERED if answer.is_success else State.PENDING if again else State.GIVEN_UP
    known = webhook_delivery.c
    moved = update(webhook_delivery).where(known.id == attempted.delivery_id)
    if not answer.is_success:
        moved = moved.where(known.state != State.DELIVERED.value)
    await tx.execute(moved.values(attempts=attempted.number, state=state.value, next_attempt_at=again))
    return state


def _row(city_id: UUID, attempted: Attempted) -> dict[str, Any]:
    return {
        "id": new_id(),
        "city_id": city_id,
        "delivery_id": attempted.delivery_id,
        "at": attempted.at,
        "milliseconds": round(attempted.took.total_seconds() * 1000),
        "status": attempted.answer.status,
        "error": attempted.answer.error,
        "answer": attempted.answer.start,
    }
