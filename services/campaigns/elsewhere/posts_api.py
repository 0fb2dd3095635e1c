"""Posts elsewhere over HTTP: of a shop, a district's shops, or in a city; for everybody to read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select, tuple_

from chassis.access import PUBLIC
from chassis.http import Db, Listing, ShortText, Shown
from chassis.pagination import Paging, page
from services.campaigns.elsewhere.area import AskedFor, posts_of
from services.campaigns.elsewhere.domain import PostKind, Source
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.platforms.catalogue import platforms

router = APIRouter(prefix="/api/v1/elsewhere", tags=["elsewhere"])
_OF = seen_post.c


class PostShown(Shown):
    """Something that somebody says elsewhere, with who or what brought it here."""

    id: UUID
    merchant_id: UUID | None
    """None: about the town."""
    platform: str
    name: str
    """What the platform calls itself."""
    url: str
    kind: PostKind
    day: date
    """Of its posting there; where that is not known, when it was first seen."""
    source: Source
    via: str
    excerpt: str
    """Its first words, of open sources whose terms let them be passed on."""
    seen_at: datetime


class PlatformShown(Shown):
    """Where shops are talked of, and what may be done there."""

    key: str
    name: str
    kinds: list[PostKind]
    """Of posts that are known there."""
    measures: list[str]
    """What is counted there."""
    scale: int | None
    asking: bool
    """Whether shops may ask for something there."""
    rule: str
    """Where that is said."""
    rule_address: str | None


@router.get("/platforms", response_model=list[PlatformShown], dependencies=[PUBLIC])
async def read_platforms() -> list[dict[str, Any]]:
    """The known platforms; nothing is scraped on any of them."""
    return [
        {
            "key": each.key,
            "name": each.name,
            "kinds": each.posts,
            "measures": each.measures,
            "scale": each.scale,
            "asking": each.asking,
            "rule": each.source.title,
            "rule_address": each.source.address,
        }
        for each in platforms().values()
    ]


@router.get("/posts", response_model=Listing[PostShown], dependencies=[PUBLIC])
async def read_posts(
    *,
    asked: AskedFor,
    platform: Annotated[ShortText | None, Query(max_length=40, description="On this alone.")] = None,
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Posts about a shop, the shops of a district, or in a city; the newest day first."""
    query = select(seen_post).where(posts_of(asked))
    if platform is not None:
        query = query.where(_OF.platform == platform)
    if (after := paging.after(tuple[date, UUID])) is not None:
        query = query.where(tuple_(_OF.day, _OF.id) < after)
    newest = query.order_by(_OF.day.desc(), _OF.id.desc()).limit(paging.limit + 1)
    async with database.connection() as connection:
        rows = (await connection.execute(newest)).mappings().all()
    found = page(request, response, rows, paging.limit, lambda row: (row["day"], row["id"]))
    return {**found, "items": [shown(row) for row in found["items"]]}


def shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    """As `PostShown`."""
    name = platforms()[row["platform"]].name
    return {field: row[field] for field in PostShown.model_fields if field != "name"} | {"name": name}
