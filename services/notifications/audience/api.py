"""Audience figures over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.access import Access, may
from chassis.http import Db, Listing, Shown
from chassis.identity import Role
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.notifications.audience.figures import Period, audience_of, contributions_of, visits_of
from services.notifications.contributions.domain import KIND_PATTERN
from services.notifications.elsewhere.seen import seen_of, told_of
from services.notifications.merchants.claimed import city_of

router = APIRouter(prefix="/api/v1/audience", tags=["audience"])


class ShownDay(Shown):
    """Figures of one day (Europe/Brussels): what was posted then and stands.

    `review`, `photo`, `video`, `share`; `follow`: who began to follow then and still does; `visit`: by
    ambassadors' links; `answer`: of the shop to reviews.
    """

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


class ShownActive(Shown):
    """How many different people contributed on a day."""

    day: date
    count: int


class ShownAmbassadors(Shown):
    """Different people who contributed, as far as it stands."""

    total: int
    """Who did so on two days is one of them."""
    days: list[ShownActive]


class ShownAudience(Shown):
    """Who carried a merchant. Totals are the sums of the days."""

    merchant_id: UUID
    totals: dict[str, int]
    days: list[ShownDay]
    ambassadors: ShownAmbassadors
    elsewhere: list[ShownElsewhere]
    """Beside them, with its source: nothing of it is in the totals or the days."""


class ShownContribution(Shown):
    """One contribution, following or answer that counts."""

    contribution_id: UUID
    kind: str
    day: date


class ShownVisits(Shown):
    """Visits by one ambassador's link on one day."""

    count_id: UUID
    day: date
    visits: int


class ShownTold(Shown):
    """One post or figure seen elsewhere."""

    seen_id: UUID
    platform: str
    what: str
    source: str
    day: date
    figure: float | None
    """None of a post."""
    scale: int | None


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
    totals, days, active = await audience_of(database, merchant)
    return ShownAudience(
        merchant_id=merchant,
        totals=totals,
        days=[ShownDay(day=each.day, kind=each.kind, count=each.amount) for each in days],
        ambassadors=ShownAmbassadors(
            total=active.total, days=[ShownActive(day=day, count=count) for day, count in active.days]
        ),
        elsewhere=[ShownElsewhere(**each._asdict()) for each in await seen_of(database, merchant)],
    )


def asked_period(
    since: Annotated[date | None, Query(description="First day (Europe/Brussels).")] = None,
    until: Annotated[date | None, Query(description="Last day.")] = None,
) -> Period:
    """The days asked for."""
    return Period(since, until)


Days = Annotated[Period, Depends(asked_period)]
Kind = Annotated[
    str | None,
    Query(
        pattern=f"^{KIND_PATTERN.pattern}$",
        description="As among the figures; `ambassador`: contributions of those who are counted as such.",
    ),
]


@router.get("/{merchant_id}/contributions", response_model=Listing[ShownContribution])
async def contributions(
    *,
    merchant: Readable,
    database: Db,
    paging: Paging,
    request: Request,
    response: Response,
    period: Days,
    kind: Kind = None,
) -> dict[str, object]:
    """What the figures of a kind and of some days are made of, newest first."""
    rows = await contributions_of(
        database, merchant, kind, period, before=paging.after(UUID), limit=paging.limit + 1
    )
    shown = page(request, response, rows, paging.limit, lambda row: row.contribution_id)
    return {**shown, "items": [each._asdict() for each in shown["items"]]}


@router.get("/{merchant_id}/visits", response_model=Listing[ShownVisits])
async def visits(
    *, merchant: Readable, database: Db, paging: Paging, request: Request, response: Response, period: Days
) -> dict[str, object]:
    """What the visits of some days are made of: each link's on each day."""
    rows = await visits_of(database, merchant, period, paging.after(UUID), paging.limit + 1)
    shown = page(request, response, rows, paging.limit, lambda row: row.count_id)
    return {**shown, "items": [each._asdict() for each in shown["items"]]}


@router.get("/{merchant_id}/elsewhere", response_model=Listing[ShownTold])
async def elsewhere(
    *, merchant: Readable, database: Db, paging: Paging, request: Request, response: Response
) -> dict[str, object]:
    """Every post and figure seen elsewhere, each with its source and day."""
    rows = await told_of(database, merchant, paging.after(UUID), paging.limit + 1)
    shown = page(request, response, rows, paging.limit, lambda row: row.seen_id)
    return {**shown, "items": [each._asdict() for each in shown["items"]]}
