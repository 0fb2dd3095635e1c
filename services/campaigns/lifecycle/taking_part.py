"""Which merchants a campaign counts for: those in its area that are open and did not opt out.

Pages suggest from this list, and posters are printed by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import PUBLIC
from chassis.http import Db, Listing, Shown
from chassis.identity import MaybeSignedIn
from chassis.pagination import Paging, page
from services.campaigns.cities.storage import accepted
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import Campaign
from services.campaigns.lifecycle.visible import must_be_visible
from services.campaigns.places.domain import Area, Polygon
from services.campaigns.places.storage import merchant_of_row
from services.campaigns.places.tables import known_district, known_merchant

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

_PORTION = 500


class TakingPartShown(Shown):
    """A merchant that a campaign counts for."""

    merchant_id: UUID


@router.get("/{campaign_id}/merchants", response_model=Listing[TakingPartShown], dependencies=[PUBLIC])
async def merchants(
    *,
    campaign_id: UUID,
    principal: MaybeSignedIn,
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Which merchants a campaign counts for, in the order of their ids."""
    async with database.connection() as connection:
        found = await storage.find(connection, campaign_id)
        must_be_visible(principal, found)
        ids = await taking_part(connection, found, paging.after(UUID), paging.limit + 1)
    items = [{"merchant_id": each} for each in ids]
    return page(request, response, items, paging.limit, lambda each: each["merchant_id"])


async def taking_part(
    connection: AsyncConnection, campaign: Campaign, after: UUID | None, most: int
) -> list[UUID]:
    """So many ids at most, behind `after`; read in portions, for outlines are compared here."""
    area = Area(frozenset(campaign.plan.district_ids), frozenset(campaign.plan.kinds))
    others = await accepted(connection, campaign.id)
    outlines = await _outlines(connection, area)
    found: list[UUID] = []
    while len(found) < most:
        rows = (await connection.execute(_candidates(campaign, others, after))).mappings().all()
        merchants = [merchant_of_row(row) for row in rows]
        found += [each.id for each in merchants if each.setting and area.includes(each.setting, outlines)]
        if len(rows) < _PORTION:
            break
        after = merchants[-1].id
    return found[:most]


def _candidates(campaign: Campaign, others: Sequence[UUID], after: UUID | None) -> Any:
    known = known_merchant.c
    wanted = (
        known.city_id.in_([campaign.city_id, *others])
        & known.setting_version.is_not(None)
        & (func.coalesce(known.closed_version, 0) < known.setting_version)
        & ~known.opted_out_of.bool_op("&&")(array([literal(campaign.id), known.city_id]))
    )
    if campaign.plan.merchant_ids:
        wanted &= known.id.in_(campaign.plan.merchant_ids)
    if after is not None:
        wanted &= known.id > after
    return select(known_merchant).where(wanted).order_by(known.id).limit(_PORTION)


async def _outlines(connection: AsyncConnection, area: Area) -> Mapping[UUID, Polygon]:
    query = select(known_district.c.id, known_district.c.polygon).where(
        known_district.c.id.in_(area.district_ids), known_district.c.version > 0
    )
    return {row.id: row.polygon for row in await connection.execute(query)}
