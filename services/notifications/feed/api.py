"""Feeds over HTTP: a merchant's, for those who run it or work there, and every person's own."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from chassis.access import MAY_PERSON, Access, may
from chassis.database import Database
from chassis.http import Db, Listing, Now, Shown
from chassis.identity import Principal, Role
from chassis.languages import preferred
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.notifications.delivery.preferences import preference_of
from services.notifications.feed import reading
from services.notifications.feed.reading import Entry
from services.notifications.feed.shown import shown
from services.notifications.languages import LANGUAGES, language_or_default
from services.notifications.recipients import Recipient, to_merchant, to_person

Merchant = Annotated[UUID, Query(description="Whose feed.")]


class ShownNotification(Shown):
    """`sequence` rises within a feed; it is the `id` of the live stream's events."""

    sequence: int
    id: UUID
    kind: str
    title: str
    text: str
    because: str
    """Why the reader gets it."""
    path: str | None
    """Where to see more on the pages; null where there is nothing but the feed."""
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None


class Unread(Shown):
    """How many notifications nobody has read yet. No `merchant_id` in a person's own feed."""

    merchant_id: UUID | None
    unread: int


RUNS = may(Role.merchant, Role.merchant_staff)
Person = Annotated[Principal, MAY_PERSON]


class Reader(NamedTuple):
    """Whose feed is read, and of which cities rows are shown (None: it is the reader's own)."""

    recipient: Recipient
    cities: Collection[UUID] | None


async def of_merchant(merchant: Merchant, who: Annotated[Access, RUNS]) -> Reader:
    """The feed of the merchant asked for, where the person runs it or works there; 403 otherwise."""
    who.within(city_id=None, merchant_id=merchant)
    return Reader(to_merchant(merchant), who.cities)


async def of_person(principal: Person) -> Reader:
    """The own feed of who asks."""
    return Reader(to_person(principal.person_id), None)


async def language_for(
    database: Database, recipient: Recipient, accept_language: str | None, response: Response
) -> str:
    """What the reader's browser asks for where we speak it; else what was chosen for that feed."""
    async with database.connection() as connection:
        chosen = language_or_default((await preference_of(connection, recipient)).language)
    offered = [chosen, *(each for each in LANGUAGES if each != chosen)]
    language = preferred(accept_language, offered)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return language


AcceptLanguage = Annotated[str | None, Header()]


def _routes(prefix: str, reader_of: Any) -> APIRouter:
    """The feed of whom `reader_of` says, at that place."""
    routes = APIRouter(prefix=prefix, tags=["feed"])
    Reading = Annotated[Reader, Depends(reader_of)]  # noqa: N806  a type

    @routes.get("", response_model=Listing[ShownNotification])
    async def feed(
        *,
        reader: Reading,
        database: Db,
        paging: Paging,
        request: Request,
        response: Response,
        accept_language: AcceptLanguage = None,
    ) -> dict[str, Any]:
        """Notifications, newest first."""
        language = await language_for(database, reader.recipient, accept_language, response)
        async with database.scoped(reader.cities) as connection:
            rows = await reading.newest(connection, reader.recipient, paging.after(int), paging.limit + 1)
        found = page(request, response, rows, paging.limit, _sequence)
        return {**found, "items": [shown(entry, language) for entry in found["items"]]}

    @routes.get("/unread")
    async def unread(reader: Reading, database: Db) -> Unread:
        """How many are unread."""
        async with database.scoped(reader.cities) as connection:
            count = await reading.unread_count(connection, reader.recipient)
        return Unread(merchant_id=reader.recipient.merchant_id, unread=count)

    return routes


merchants_feed = _routes("/api/v1/notifications", of_merchant)
own_feed = _routes("/api/v1/people/me/notifications", of_person)


@merchants_feed.post("/{notification_id}/read", response_model=ShownNotification)
async def read(
    *,
    notification_id: UUID,
    who: Annotated[Access, RUNS],
    database: Db,
    now: Now,
    response: Response,
    accept_language: AcceptLanguage = None,
) -> dict[str, Any]:
    """Mark as read; the first time stands, so doing it again changes nothing."""

    def runs(recipient: Recipient | None) -> bool:
        return who.has(city_id=None, merchant_id=recipient and recipient.merchant_id)

    entry = await _read(database, notification_id, runs, now())
    return shown(entry, await language_for(database, entry.recipient, accept_language, response))


@own_feed.post("/{own_notification_id}/read", response_model=ShownNotification)
async def read_mine(
    *,
    own_notification_id: UUID,
    principal: Person,
    database: Db,
    now: Now,
    response: Response,
    accept_language: AcceptLanguage = None,
) -> dict[str, Any]:
    """Mark one of the own as read, as for a shop."""
    own = to_person(principal.person_id)
    entry = await _read(database, own_notification_id, lambda recipient: recipient == own, now())
    return shown(entry, await language_for(database, own, accept_language, response))


async def _read(
    database: Database, notification: UUID, is_theirs: Callable[[Recipient | None], bool], now: datetime
) -> Entry:
    async with database.transaction() as tx:
        before = await reading.find(tx, notification)
        # Somebody else's looks like none: ids of other people's notifications are nobody's business.
        if not is_theirs(before and before.recipient) or before is None:
            raise not_found("notification")
        await reading.mark_read(tx, before.id, now)
        after = await reading.find(tx, notification)
    assert after is not None
    return after


def _sequence(entry: Entry) -> int:
    return entry.sequence
