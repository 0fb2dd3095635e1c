"""What was sent to an endpoint, what came of it, and sending it again, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import Select, select

from chassis.access import Access, may
from chassis.database import Transaction
from chassis.http import Db, Listing, Now
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.campaigns.webhooks import use_cases
from services.campaigns.webhooks.domain import State
from services.campaigns.webhooks.forms import (
    DeliveryShown,
    DeliveryWithAttempts,
    Queued,
    Replay,
    Replayed,
    delivery_shown,
    with_attempts,
)
from services.campaigns.webhooks.tables import webhook_attempt, webhook_delivery, webhook_message

router = APIRouter(prefix="/api/v1/webhook-endpoints/{endpoint_id}", tags=["webhooks"])
Officer = Annotated[Access, may(Role.city_officer)]
_D = webhook_delivery.c


@router.post("/test", status_code=202, response_model=Queued, responses=problems(404, 409))
async def send_test(endpoint_id: UUID, who: Officer, now: Now, attempt: Attempt) -> Response:
    """Queue a message that says nothing (its city's officers). What comes of it is in the log."""

    async def work(tx: Transaction) -> Answer:
        found = await use_cases.find(tx, endpoint_id, to_change=True)
        who.within(city_id=found["city_id"])
        queued = await use_cases.test(tx, found, now())
        return Answer(202, {"delivery_id": str(queued)})

    return await attempt.once(work)


@router.post("/replays", status_code=202, response_model=Replayed, responses=problems(404, 409))
async def replay(endpoint_id: UUID, asked: Replay, who: Officer, now: Now, attempt: Attempt) -> Response:
    """Send one message, or all of a span of time, again under the same ids (its city's officers).

    Of a span, what was missed while the endpoint was off as well; as far back as messages are kept.
    """

    async def work(tx: Transaction) -> Answer:
        found = await use_cases.find(tx, endpoint_id, to_change=True)
        who.within(city_id=found["city_id"])
        if asked.since is not None and asked.until is not None:
            sent = await use_cases.replay(tx, found, asked.since, asked.until, now())
        else:
            assert asked.delivery_id is not None
            sent = await use_cases.send_again(tx, found, asked.delivery_id, now())
        return Answer(202, {"messages": sent})

    return await attempt.once(work)


@router.get("/deliveries", response_model=Listing[DeliveryShown], responses=problems(404))
async def list_deliveries(
    *,
    endpoint_id: UUID,
    who: Officer,
    request: Request,
    response: Response,
    db: Db,
    paging: Paging,
    state: State | None = None,
) -> dict[str, Any]:
    """What was or is to be sent, the newest first (its city's officers)."""
    wanted = _deliveries().where(_D.endpoint_id == endpoint_id)
    if state is not None:
        wanted = wanted.where(_D.state == state.value)
    if (last := paging.after(UUID)) is not None:
        wanted = wanted.where(_D.id < last)
    async with db.connection() as connection:
        who.within(city_id=(await use_cases.find(connection, endpoint_id))["city_id"])
    async with db.scoped(who.cities) as connection:
        rows = await connection.execute(wanted.order_by(_D.id.desc()).limit(paging.limit + 1))
        items = [delivery_shown(row) for row in rows.mappings()]
    return page(request, response, items, paging.limit, lambda each: each["id"])


@router.get("/deliveries/{delivery_id}", response_model=DeliveryWithAttempts, responses=problems(404))
async def show_delivery(endpoint_id: UUID, delivery_id: UUID, who: Officer, db: Db) -> dict[str, Any]:
    """One message with each attempt to deliver it: when, how long it took, what was answered."""
    async with db.transaction() as tx:
        found = await use_cases.find(tx, endpoint_id, to_change=True)
        who.within(city_id=found["city_id"])
    asked = _deliveries().where(_D.id == delivery_id, _D.endpoint_id == endpoint_id)
    newest = webhook_attempt.c.id.desc()
    attempts = select(webhook_attempt).where(webhook_attempt.c.delivery_id == delivery_id).order_by(newest)
    async with db.scoped(who.cities) as connection:
        row = (await connection.execute(asked)).mappings().one_or_none()
        if row is None:
            raise not_found("delivery")
        return with_attempts(row, (await connection.execute(attempts.limit(100))).mappings().all())


def _deliveries() -> Select[Any]:
    """With what each is about."""
    return select(
        webhook_delivery,
        webhook_message.c.type,
        webhook_message.c.at.label("happened_at"),
        webhook_message.c.body,
    ).join(
        webhook_message,
        (webhook_message.c.id == _D.message_id) & (webhook_message.c.city_id == _D.city_id),
    )
