"""Following merchants over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from chassis.access import MAY_PERSON, PUBLIC
from chassis.http import Db, Listing, Now, Shown
from chassis.identity import Principal
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import forbidden
from services.campaigns.contributions.domain import Tie
from services.campaigns.contributions.ties import known_tie
from services.campaigns.contributors import known_contributor
from services.campaigns.follows import use_cases
from services.campaigns.follows.tables import following

router = APIRouter(prefix="/api/v1/follows", tags=["follows"])
Signed = Annotated[Principal, MAY_PERSON]


class FollowShown(Shown):
    """A merchant that one follows."""

    merchant_id: UUID
    since: datetime


class FollowersShown(Shown):
    """How many follow a merchant; nobody is told who."""

    merchant_id: UUID
    followers: int


@router.put("/{merchant_id}", response_model=FollowShown, responses=problems(409))
async def follow(merchant_id: UUID, principal: Signed, database: Db, now: Now) -> FollowShown:
    """Follow a merchant; what is followed already stays so. Not for who runs it or works there."""
    if known_tie(principal, merchant_id) is not Tie.NONE:
        raise forbidden("This is your shop: only others can follow it.")
    async with database.transaction() as tx:
        since = await use_cases.follow(tx, principal.person_id, merchant_id, now())
    return FollowShown(merchant_id=merchant_id, since=since)


@router.delete("/{merchant_id}", status_code=204)
async def unfollow(merchant_id: UUID, principal: Signed, database: Db, now: Now) -> None:
    """Follow a merchant no more."""
    async with database.transaction() as tx:
        await use_cases.unfollow(tx, principal.person_id, merchant_id, now())


@router.get("", response_model=Listing[FollowShown])
async def mine(
    *, principal: Signed, paging: Paging, database: Db, request: Request, response: Response
) -> dict[str, Any]:
    """The merchants that the signed-in person follows, the newest first."""
    async with database.connection() as connection:
        wanted = select(following).where(
            following.c.contributor_id == await known_contributor(connection, principal.person_id),
            following.c.unfollowed_at.is_(None),
        )
        if (last := paging.after(UUID)) is not None:
            wanted = wanted.where(following.c.id < last)
        newest = wanted.order_by(following.c.id.desc()).limit(paging.limit + 1)
        rows = (await connection.execute(newest)).mappings().all()
    found = page(request, response, rows, paging.limit, lambda row: row["id"])
    shown = [{"merchant_id": row["merchant_id"], "since": row["followed_at"]} for row in found["items"]]
    return {**found, "items": shown}


@router.get("/{merchant_id}", response_model=FollowersShown, dependencies=[PUBLIC])
async def count(merchant_id: UUID, database: Db) -> FollowersShown:
    """How many follow a merchant at present."""
    async with database.connection() as connection:
        return FollowersShown(
            merchant_id=merchant_id, followers=await use_cases.followers(connection, merchant_id)
        )
