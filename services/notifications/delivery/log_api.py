"""Why did this come, why did that not: for those who were told, and for operators, who send again too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from chassis.access import MAY_PERSON, Access, may
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Principal, Role
from chassis.problems import invalid, not_found
from services.notifications.delivery import log
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
    """One message (`delivery_id`), or what failed for good in a span of time."""

    delivery_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class Replayed(Shown):
    """How many messages are sent again."""

    replayed: int


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


@router.post("/notifications/deliveries/replay")
async def replay(
    asked: Replay, _who: Annotated[Access, may(Role.operator)], database: Db, now: Now
) -> Replayed:
    """Send again what failed for good, under the same ids; what was read or stopped meanwhile is left out."""
    is_span = asked.since is not None and asked.until is not None
    if (asked.delivery_id is None) != is_span or (asked.since is None) != (asked.until is None):
        raise invalid("delivery_id", "say which message, or since and until when")
    for name, moment in (("since", asked.since), ("until", asked.until)):
        if moment is not None and moment.tzinfo is None:
            raise invalid(name, "a time has its zone")
    async with database.transaction() as tx:
        number = await log.replay(tx, now(), delivery=asked.delivery_id, since=asked.since, until=asked.until)
    return Replayed(replayed=number)


def _shown(fates: Sequence[log.Fate]) -> Fates:
    return Fates(items=[ShownFate(**each._asdict()) for each in fates])
