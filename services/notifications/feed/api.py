"""A merchant's feed over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from chassis.access import Access, may
from chassis.database import Database
from chassis.http import Db, Listing, Now, Shown
from chassis.identity import Role
from chassis.languages import preferred
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.notifications.delivery.preferences import preference_of
from services.notifications.feed import reading
from services.notifications.feed.reading import Entry
from services.notifications.feed.shown import shown
from services.notifications.languages import LANGUAGES, language_or_default

router = APIRouter(prefix="/api/v1/notifications", tags=["feed"])

Merchant = Annotated[UUID, Query(description="Whose feed.")]


class ShownNotification(Shown):
    """`sequence` rises within a merchant's feed; it is the `id` of the live stream's events."""

    sequence: int
    id: UUID
    kind: str
    title: str
    text: str
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None


class Unread(Shown):
    """How many notifications nobody has read yet."""

    merchant_id: UUID
    unread: int


RUNS = may(Role.merchant, Role.merchant_staff)


async def owned_merchant(merchant: Merchant, who: Annotated[Access, RUNS]) -> UUID:
    """The merchant asked for, where the person runs it or works there; 403 otherwise."""
    who.within(city_id=None, merchant_id=merchant)
    return merchant


Owned = Annotated[UUID, Depends(owned_merchant)]


async def reader_language(
    database: Db, merchant: Owned, response: Response, accept_language: Annotated[str | None, Header()] = None
) -> str:
    """What the reader's browser asks for where we speak it; else the merchant's own choice."""
    return await _language(database, merchant, accept_language, response)


Language = Annotated[str, Depends(reader_language)]


@router.get("", response_model=Listing[ShownNotification])
async def feed(
    *,
    merchant: Owned,
    who: Annotated[Access, RUNS],
    database: Db,
    language: Language,
    paging: Paging,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Notifications, newest first."""
    async with database.scoped(who.cities) as connection:
        rows = await reading.newest(connection, merchant, paging.after(int), paging.limit + 1)
    found = page(request, response, rows, paging.limit, _sequence)
    return {**found, "items": [shown(entry, language) for entry in found["items"]]}


@router.get("/unread")
async def unread(merchant: Owned, who: Annotated[Access, RUNS], database: Db) -> Unread:
    """How many are unread."""
    async with database.scoped(who.cities) as connection:
        return Unread(merchant_id=merchant, unread=await reading.unread_count(connection, merchant))


@router.post("/{notification_id}/read", response_model=ShownNotification)
async def read(
    *,
    notification_id: UUID,
    who: Annotated[Access, RUNS],
    database: Db,
    now: Now,
    response: Response,
    accept_language: Annotated[str | None, Header()] = None,
) -> dict[str, Any]:
    """Mark as read; the first time stands, so doing it again changes nothing."""
    async with database.transaction() as tx:
        await reading.mark_read(tx, (await _own(tx, notification_id, who)).id, now())
        entry = await _own(tx, notification_id, who)
    return shown(entry, await _language(database, entry.merchant_id, accept_language, response))


async def _own(tx: Any, notification: UUID, who: Access) -> Entry:
    entry = await reading.find(tx, notification)
    # Somebody else's looks like none: ids of other people's notifications are nobody's business.
    if not who.has(city_id=None, merchant_id=entry and entry.merchant_id) or entry is None:
        raise not_found("notification")
    return entry


def _sequence(entry: Entry) -> int:
    return entry.sequence


async def _language(
    database: Database, merchant: UUID, accept_language: str | None, response: Response
) -> str:
    async with database.connection() as connection:
        chosen = language_or_default((await preference_of(connection, merchant)).language)
    offered = [chosen, *(each for each in LANGUAGES if each != chosen)]
    language = preferred(accept_language, offered)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return language
