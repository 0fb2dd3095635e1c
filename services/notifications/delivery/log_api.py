"""Why did this come, why did that not: for those who were told, and for operators, who send again too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from chassis.access import MAY_PERSON, Access, may
from chassis.http import Body, Db, Listing, Moment, Now, Shown, Token
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import invalid, not_found
from services.notifications.delivery import log
from services.notifications.delivery.domain import State
from services.notifications.feed import reading
from services.notifications.recipients import to_person

router = APIRouter(prefix="/api/v1", tags=["deliveries"])


class ShownFate(Shown):
    """`rules` is the chain that decided, first to last; without a message it stayed in the feed alone."""

    channel: str
    rules: list[str]
    decided_at: datetime
    left_out: str | None
    delivery_id: UUID | None
    window: str | None
    state: str | None
    due_at: datetime | None
    attempts: int | None
    reason: str | None
    finished_at: datetime | None


class Fates(Shown):
    """By channel; none for what was told before these were kept, or longer ago than they are."""

    items: list[ShownFate]


class Replay(Body):
    """One message (`delivery_id`), or what never arrived in a span of time, the oldest first."""

    delivery_id: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None
    most: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many at once; all without."""
    dry_run: bool = False
    """Say how many there are, and send none."""


class Replayed(Shown):
    """How many there were to send again, and how many are sent again."""

    found: int
    replayed: int


class ShownDelivery(Shown):
    """A message. `window` is one notice, or the digest of a day; `kinds` are those of the news in it."""

    id: UUID
    city_id: UUID
    recipient_kind: str
    recipient_id: UUID
    channel: str
    window: str
    kinds: list[str]
    state: State
    reason: str | None
    attempts: int
    created_at: datetime
    due_at: datetime | None
    refused_since: datetime | None
    finished_at: datetime | None


class ShownNews(Shown):
    """A piece of news in it, the rules that decided, and why it was left out where it was."""

    notification_id: UUID
    kind: str
    rules: list[str]
    decided_at: datetime
    left_out: str | None


class DeliveryInFull(ShownDelivery):
    """With its news, the oldest first."""

    news: list[ShownNews]


class ShownReplay(Shown):
    """Who had what sent again: one message, or those of a span of time; null for somebody erased."""

    id: UUID
    at: datetime
    by_person: UUID | None
    delivery_id: UUID | None
    since: datetime | None
    until: datetime | None
    deliveries: int


Operator = Annotated[Access, may(Role.operator)]
MayAsk = Annotated[Access, may(Role.merchant, Role.merchant_staff, Role.operator)]


@router.get("/notifications/{notification_id}/deliveries")
async def deliveries(notification_id: UUID, who: MayAsk, database: Db) -> Fates:
    """Why a shop's notification came by mail, or did not; operators ask of everybody's."""
    async with database.connection() as connection:
        entry = await reading.find(connection, notification_id)
        shop = entry and entry.recipient.merchant_id
        if not who.has(city_id=None, merchant_id=shop) or entry is None:
            raise not_found("notification")
        return _shown(await log.fates_of(connection, notification_id))


@router.get("/people/me/notifications/{own_notification_id}/deliveries")
async def my_deliveries(
    own_notification_id: UUID, principal: Annotated[Principal, MAY_PERSON], database: Db
) -> Fates:
    """The same of one of the own."""
    async with database.connection() as connection:
        entry = await reading.find(connection, own_notification_id)
        if entry is None or entry.recipient != to_person(principal.person_id):
            raise not_found("notification")
        return _shown(await log.fates_of(connection, own_notification_id))


@router.get("/notifications/deliveries", response_model=Listing[ShownDelivery])
async def list_deliveries(
    *,
    _who: Operator,
    request: Request,
    response: Response,
    database: Db,
    paging: Paging,
    state: State | None = None,
    channel: Token | None = None,
    kind: Annotated[Token | None, Query(description="With news of that kind.")] = None,
    recipient_id: Annotated[UUID | None, Query(description="A shop's or a person's.")] = None,
    since: Annotated[Moment | None, Query(description="Ended, or due, from then on.")] = None,
    until: Annotated[Moment | None, Query(description="And before then.")] = None,
) -> dict[str, Any]:
    """Messages and what became of them, the newest first (operator). No address is kept, nor shown."""
    wanted = log.Wanted(state, channel, kind, recipient_id, since, until)
    async with database.connection() as connection:
        rows = await log.listed(connection, wanted, paging.after(tuple[datetime, UUID]), paging.limit + 1)
    shown = [ShownDelivery(**row) for row in rows]
    return page(request, response, shown, paging.limit, lambda each: (each.created_at, each.id))


@router.get("/notifications/deliveries/replays", response_model=Listing[ShownReplay])
async def list_replays(
    _who: Operator, request: Request, response: Response, database: Db, paging: Paging
) -> dict[str, Any]:
    """Who had which messages sent again, the newest first (operator)."""
    async with database.connection() as connection:
        rows = await log.replays(connection, paging.after(tuple[datetime, UUID]), paging.limit + 1)
    shown = [ShownReplay(**row) for row in rows]
    return page(request, response, shown, paging.limit, lambda each: (each.at, each.id))


@router.get("/notifications/deliveries/{message_id}", responses=problems(404))
async def show_delivery(message_id: UUID, _who: Operator, database: Db) -> DeliveryInFull:
    """One message, with its news and the rules that decided about each (operator)."""
    async with database.connection() as connection:
        row = await log.found(connection, message_id)
    if row is None:
        raise not_found("delivery")
    return DeliveryInFull(**row)


@router.post("/notifications/deliveries/replay")
async def replay(asked: Replay, who: Operator, database: Db, now: Now) -> Replayed:
    """Send again what never arrived, under the same ids; what was read or stopped meanwhile is left out."""
    is_span = asked.since is not None and asked.until is not None
    if (asked.delivery_id is None) != is_span or (asked.since is None) != (asked.until is None):
        raise invalid("delivery_id", "say which message, or since and until when")
    span = log.Span(asked.delivery_id, asked.since, asked.until)
    async with database.transaction() as tx:
        found, again = await log.undelivered(tx, span), 0
        if found and not asked.dry_run:
            again = await log.replay(tx, now(), span, by=who.person_id, most=asked.most)
    return Replayed(found=found, replayed=again)


def _shown(fates: Sequence[log.Fate]) -> Fates:
    return Fates(items=[ShownFate(**each._asdict()) for each in fates])
