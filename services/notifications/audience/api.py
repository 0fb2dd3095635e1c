"""Audience figures over HTTP."""

from collections import Counter
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from chassis.access import Access, may
from chassis.http import Db, Listing, Shown
from chassis.identity import Role
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.notifications.audience.figures import Counted, contributions_of, days_of
from services.notifications.elsewhere.seen import seen_of
from services.notifications.merchants.claimed import city_of

router = APIRouter(prefix="/api/v1/audience", tags=["audience"])


class ShownDay(Shown):
    """Contributions of one kind posted on one day (Europe/Brussels)."""

    day: date
    kind: str
    count: int


class ShownElsewhere(Shown):
    """Posts of one kind on another platform, or the last figure that is known from there."""

    platform: str
    what: str
    """Of posts: `review`, `photo`, `video`, `post`. Of figures: `reviews`, `mean`, `photos`, `followers`."""
    source: str
    """Who or what says so."""
    amount: float
    scale: int | None
    """Of a mean: the best there is."""
    day: date
    """Of the newest post, or of the figure."""


class ShownAudience(Shown):
    """Who carried a merchant. Totals are the sums of the days."""

    merchant_id: UUID
    totals: dict[str, int]
    days: list[ShownDay]
    elsewhere: list[ShownElsewhere]
    """Beside them, with its source: nothing of it is in the totals or the days."""


class ShownContribution(Shown):
    """One contribution that counts."""

    contribution_id: UUID
    kind: str
    day: date


READERS = may(Role.merchant, Role.merchant_staff, Role.city_officer, Role.consultant, Role.operator)


async def readable_merchant(merchant_id: UUID, who: Annotated[Access, READERS], database: Db) -> UUID:
    """The merchant asked for: for who runs it, its city's officers and consultants, operators.

    Else 403 or 404.
    """
    async with database.connection() as connection:
        city = await city_of(connection, merchant_id)
    if city is None:
        raise not_found("merchant")
    who.within(city_id=city, merchant_id=merchant_id)
    return merchant_id


Readable = Annotated[UUID, Depends(readable_merchant)]


@router.get("/{merchant_id}")
async def audience(merchant: Readable, database: Db) -> ShownAudience:
    """A merchant's audience by day and kind: for who runs it, its city's officers, consultants, operators."""
    days = await days_of(database, merchant)
    totals: Counter[str] = Counter()
    for each in days:
        totals[each.kind] += each.amount
    return ShownAudience(
        merchant_id=merchant,
        totals=dict(sorted(totals.items())),
        days=[ShownDay(day=each.day, kind=each.kind, count=each.amount) for each in days],
        elsewhere=[ShownElsewhere(**each._asdict()) for each in await seen_of(database, merchant)],
    )


@router.get("/{merchant_id}/contributions", response_model=Listing[ShownContribution])
async def contributions(
    *,
    merchant: Readable,
    database: Db,
    paging: Paging,
    request: Request,
    response: Response,
) -> dict[str, object]:
    """What the figures are made of, newest first."""
    rows = await contributions_of(database, merchant, paging.after(UUID), paging.limit + 1)
    shown = page(request, response, rows, paging.limit, _place)
    return {**shown, "items": [each._asdict() for each in shown["items"]]}


def _place(row: Counted) -> UUID:
    return row.contribution_id
