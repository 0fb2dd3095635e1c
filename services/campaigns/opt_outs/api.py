"""A shop's opting out of campaigns over HTTP; who opted out is for the shop and its city's officers."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select

from chassis.access import Access, may
from chassis.http import Db, Listing, Now, Shown
from chassis.identity import Role
from chassis.pagination import Paging, page
from services.campaigns.opt_outs.tables import opt_out
from services.campaigns.opt_outs.use_cases import come_back, leave

router = APIRouter(prefix="/api/v1/campaign-opt-outs", tags=["campaigns"])

OfTheShop = Annotated[Access, may(Role.merchant, Role.merchant_staff)]


class OptOutShown(Shown):
    """That a shop takes no part in a campaign, or in any."""

    merchant_id: UUID
    campaign_id: UUID | None
    """None: in no campaign of its city."""
    opted_out_at: datetime


@router.get("", response_model=Listing[OptOutShown])
async def of_city(
    *,
    city: Annotated[UUID, Query(description="Shops of this city.")],
    campaign: Annotated[
        UUID | None, Query(description="Those that take no part in this one, or in any.")
    ] = None,
    who: Annotated[Access, may(Role.city_officer)],
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Which shops of a city opted out, the latest first."""
    who.within(city_id=city)
    wanted = opt_out.c.city_id == city
    if campaign is not None:
        wanted &= (opt_out.c.campaign_id == campaign) | opt_out.c.campaign_id.is_(None)
    if (last := paging.after(UUID)) is not None:
        wanted &= opt_out.c.id < last
    query = select(opt_out).where(wanted).order_by(opt_out.c.id.desc()).limit(paging.limit + 1)
    async with database.scoped(who.cities) as connection:
        rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    return page(request, response, rows, paging.limit, lambda each: each["id"])


@router.get("/{merchant_id}", response_model=list[OptOutShown])
async def of_shop(
    merchant_id: UUID,
    who: Annotated[Access, may(Role.merchant, Role.merchant_staff)],
    database: Db,
) -> list[dict[str, Any]]:
    """What a shop opted out of."""
    who.within(city_id=None, merchant_id=merchant_id)
    query = select(opt_out).where(opt_out.c.merchant_id == merchant_id).order_by(opt_out.c.id)
    async with database.connection() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


@router.put("/{merchant_id}", status_code=204)
async def leave_all(merchant_id: UUID, who: OfTheShop, database: Db, now: Now) -> None:
    """Take no part in any campaign of the city: what is contributed to the shop counts for none."""
    await _leave(database, who, merchant_id, None, now)


@router.delete("/{merchant_id}", status_code=204)
async def come_back_to_all(merchant_id: UUID, who: OfTheShop, database: Db) -> None:
    """Take part again, but in those campaigns that the shop opted out of one by one."""
    await _come_back(database, who, merchant_id, None)


@router.put("/{merchant_id}/{campaign_id}", status_code=204)
async def leave_one(merchant_id: UUID, campaign_id: UUID, who: OfTheShop, database: Db, now: Now) -> None:
    """Take no part in this campaign."""
    await _leave(database, who, merchant_id, campaign_id, now)


@router.delete("/{merchant_id}/{campaign_id}", status_code=204)
async def come_back_to_one(merchant_id: UUID, campaign_id: UUID, who: OfTheShop, database: Db) -> None:
    """Take part in this campaign again."""
    await _come_back(database, who, merchant_id, campaign_id)


async def _leave(database: Db, who: Access, merchant_id: UUID, campaign_id: UUID | None, now: Now) -> None:
    who.within(city_id=None, merchant_id=merchant_id)
    async with database.transaction() as tx:
        await leave(tx, merchant_id, campaign_id, now)


async def _come_back(database: Db, who: Access, merchant_id: UUID, campaign_id: UUID | None) -> None:
    who.within(city_id=None, merchant_id=merchant_id)
    async with database.transaction() as tx:
        await come_back(tx, merchant_id, campaign_id)
