"""At a glance: what was said and counted elsewhere of a shop, a district or a city, and how it moved."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access, may
from chassis.http import Db, Now, Shown
from chassis.openapi import problems
from chassis.problems import not_found
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.elsewhere.area import Area, AskedFor, merchants_of, must_reach, posts_of
from services.campaigns.elsewhere.counts import is_noted
from services.campaigns.elsewhere.domain import Measure, PostKind, Source
from services.campaigns.elsewhere.glance import PRECEDENCE, Figure, Movement, movements
from services.campaigns.elsewhere.shops import READERS
from services.campaigns.elsewhere.tables import noted_count, seen_post
from services.campaigns.lifecycle.tables import campaign
from services.campaigns.places.tables import known_merchant

router = APIRouter(prefix="/api/v1/elsewhere", tags=["elsewhere"])
USUALLY = timedelta(weeks=4)


class SaidShown(Shown):
    """How many posts of one kind and source are known on a platform."""

    platform: str
    kind: PostKind
    source: Source
    posts: int
    new: int
    """Of these, since `since`."""
    first_day: date
    last_day: date


class CountedShown(Shown):
    """The last known figure on a platform, and how it moved."""

    platform: str
    measure: Measure
    figure: float
    scale: int | None
    day: date
    sources: list[Source]
    shops: int
    before: float | None
    moved: float | None
    """None where no shop has a figure from before."""
    compared: int
    """Of how many shops it is known."""


class GlanceShown(Shown):
    """What is seen elsewhere. No part of it is in any of our own figures, and none earns points."""

    since: date
    said: list[SaidShown]
    counted: list[CountedShown]


@router.get("/glance", response_model=GlanceShown, responses=problems(404))
async def at_a_glance(
    *,
    asked: AskedFor,
    campaign_id: Annotated[
        UUID | None, Query(alias="campaign", description="Since its start; four weeks ago without.")
    ] = None,
    who: Annotated[Access, may(*READERS)],
    database: Db,
    now: Now,
) -> dict[str, Any]:
    """What was said elsewhere and how counts there moved: for the shop, its association, its city."""
    async with database.scoped(who.cities) as connection:
        await must_reach(who, asked, connection)
        since = await _since(connection, campaign_id, brussels_day(now()))
        latest = await _figures(connection, asked)
        before = await _figures(connection, asked, until=since)
        said = (await connection.execute(_said(asked, since))).mappings().all()
    counted = [_moved(each) for each in movements(latest, before)]
    return {"since": since, "said": [dict(row) for row in said], "counted": counted}


async def _since(connection: AsyncConnection, campaign_id: UUID | None, today: date) -> date:
    if campaign_id is None:
        return today - USUALLY
    query = select(campaign.c.started_at).where(campaign.c.id == campaign_id)
    started = await connection.scalar(query)
    if started is None:
        raise not_found("campaign that has started")
    return brussels_day(started)


def _said(area: Area, since: date) -> Any:
    of = seen_post.c
    return (
        select(
            *(of.platform, of.kind, of.source),
            func.count().label("posts"),
            func.count().filter(of.day >= since).label("new"),
            func.min(of.day).label("first_day"),
            func.max(of.day).label("last_day"),
        )
        .where(posts_of(area))
        .group_by(of.platform, of.kind, of.source)
        .order_by(of.platform, of.kind, of.source)
    )


async def _figures(connection: AsyncConnection, area: Area, until: date | None = None) -> list[Figure]:
    """The last of each profile and measure; of those until a day, where one is given."""
    of = noted_count.c
    one = of.merchant_id, of.platform, of.measure, of.profile_id
    best = case({each.value: place for place, each in enumerate(PRECEDENCE)}, value=of.source)
    query = (
        select(*one, of.day, of.figure, of.scale, of.source, of.via)
        .join(known_merchant, known_merchant.c.id == of.merchant_id)
        .where(merchants_of(area), is_noted)
        .ext(distinct_on(*one))
        .order_by(*one, of.day.desc(), best)
    )
    if until is not None:
        query = query.where(of.day <= until)
    rows = (await connection.execute(query)).mappings()
    return [
        Figure(**{**row, "measure": Measure(row["measure"]), "source": Source(row["source"])}) for row in rows
    ]


def _moved(of: Movement) -> dict[str, Any]:
    return asdict(of)
