"""Audience figures over HTTP."""

from collections import Counter
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.database import Database
from chassis.http import Db, Listing, Shown
from chassis.identity import Principal, Role, SignedIn
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.notifications.audience.figures import Counted, contributions_of, days_of
from services.notifications.merchants.claimed import city_of

router = APIRouter(prefix="/api/v1/audience", tags=["audience"])


class ShownDay(Shown):
    """Contributions of one kind posted on one day (Europe/Brussels)."""

    day: date
    kind: str
    count: int


class ShownAudience(Shown):
    """Who carried a merchant. Totals are the sums of the days."""

    merchant_id: UUID
    totals: dict[str, int]
    days: list[ShownDay]


class ShownContribution(Shown):
    """One contribution that counts."""

    contribution_id: UUID
    kind: str
    day: date


@router.get("/{merchant_id}")
async def audience(merchant_id: UUID, principal: SignedIn, database: Db) -> ShownAudience:
    """A merchant's audience by day and kind: for its owner, its city's officer, consultants, operators."""
    await _may_read(principal, database, merchant_id)
    days = await days_of(database, merchant_id)
    totals: Counter[str] = Counter()
    for each in days:
        totals[each.kind] += each.amount
    return ShownAudience(
        merchant_id=merchant_id,
        totals=dict(sorted(totals.items())),
        days=[ShownDay(day=each.day, kind=each.kind, count=each.amount) for each in days],
    )


@router.get("/{merchant_id}/contributions", response_model=Listing[ShownContribution])
async def contributions(
    *,
    merchant_id: UUID,
    principal: SignedIn,
    database: Db,
    paging: Paging,
    request: Request,
    response: Response,
) -> dict[str, object]:
    """What the figures are made of, newest first."""
    await _may_read(principal, database, merchant_id)
    rows = await contributions_of(database, merchant_id, paging.after(UUID), paging.limit + 1)
    shown = page(request, response, rows, paging.limit, _place)
    return {**shown, "items": [each._asdict() for each in shown["items"]]}


def _place(row: Counted) -> UUID:
    return row.contribution_id


async def _may_read(principal: Principal, database: Database, merchant: UUID) -> None:
    async with database.connection() as connection:
        city = await city_of(connection, merchant)
    if city is None:
        raise not_found("merchant")
    if not principal.has(Role.merchant, merchant_id=merchant):
        principal.require(Role.city_officer, Role.consultant, Role.operator, city_id=city)
