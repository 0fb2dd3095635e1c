"""The leaderboard: who wants to be listed is, under a name of their choice."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from chassis.access import MAY_PERSON, PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Db, Now
from chassis.identity import Principal, Role
from chassis.ids import new_id
from chassis.openapi import problems
from chassis.problems import conflict, forbidden, not_found
from services.campaigns.contributors import known_contributor
from services.campaigns.enrolments.domain import Standing
from services.campaigns.enrolments.enrol import find as find_enrolment
from services.campaigns.lifecycle import storage as campaigns
from services.campaigns.lifecycle.domain import Campaign
from services.campaigns.points.forms import LeaderboardShown, Listed
from services.campaigns.points.game import announced_campaign, game_of
from services.campaigns.points.tables import leaderboard_name, point_balance

router = APIRouter(prefix="/api/v1/campaigns/{campaign_id}/leaderboard", tags=["points"])

LONGEST = 100
"""Places that are shown."""
Signed = Annotated[Principal, MAY_PERSON]
Officer = Annotated[Access, may(Role.city_officer)]


@router.get("", response_model=LeaderboardShown, dependencies=[PUBLIC], responses=problems(404))
async def read(campaign_id: UUID, database: Db) -> dict[str, Any]:
    """Those who chose to be listed and have points, the most first. Empty where it is switched off."""
    rank = func.rank().over(order_by=point_balance.c.points.desc()).label("rank")
    places = (
        select(rank, leaderboard_name.c.id, leaderboard_name.c.name, point_balance.c.points)
        .join_from(
            leaderboard_name,
            point_balance,
            (point_balance.c.campaign_id == leaderboard_name.c.campaign_id)
            & (point_balance.c.contributor_id == leaderboard_name.c.contributor_id),
        )
        .where(
            leaderboard_name.c.campaign_id == campaign_id,
            leaderboard_name.c.removed_at.is_(None),
            point_balance.c.points > 0,
        )
        .order_by(point_balance.c.points.desc(), leaderboard_name.c.listed_at)
        .limit(LONGEST)
    )
    async with database.connection() as connection:
        game = await game_of(connection, await announced_campaign(connection, campaign_id))
        if not game.leaderboard:
            return {"places": []}
        return {"places": [dict(row) for row in (await connection.execute(places)).mappings()]}


@router.put("/me", status_code=204, responses=problems(403, 404, 409))
async def be_listed(campaign_id: UUID, body: Listed, principal: Signed, database: Db, now: Now) -> None:
    """Be listed under this name, or under another one from now on. For ambassadors who are adults."""
    async with database.transaction() as tx:
        campaign = await announced_campaign(tx, campaign_id)
        own = await _ambassador(tx, campaign, principal)
        mine = (leaderboard_name.c.campaign_id == campaign_id) & (leaderboard_name.c.contributor_id == own)
        known = (await tx.execute(select(leaderboard_name).where(mine).with_for_update())).first()
        if known is not None and known.removed_at is not None:
            raise forbidden("An officer of the city took your name off this list.")
        try:
            async with tx.begin_nested():
                if known is not None:
                    await tx.execute(update(leaderboard_name).where(mine).values(name=body.name))
                else:
                    await tx.execute(
                        leaderboard_name.insert().values(
                            id=new_id(),
                            campaign_id=campaign_id,
                            city_id=campaign.city_id,
                            contributor_id=own,
                            name=body.name,
                            listed_at=now(),
                        )
                    )
        except IntegrityError as error:
            raise conflict(
                "name-taken", "Somebody is listed under this name already.", field="name"
            ) from error


@router.delete("/me", status_code=204, responses=problems(404))
async def be_listed_no_more(campaign_id: UUID, principal: Signed, database: Db) -> None:
    """Leave the list; the points stay. A name that an officer took off stays known, and unseen."""
    async with database.transaction() as tx:
        await announced_campaign(tx, campaign_id)
        own = await known_contributor(tx, principal.person_id)
        await tx.execute(
            delete(leaderboard_name).where(
                leaderboard_name.c.campaign_id == campaign_id,
                leaderboard_name.c.contributor_id == own,
                leaderboard_name.c.removed_at.is_(None),
            )
        )


@router.delete("/{listing_id}", status_code=204, responses=problems(404))
async def take_off(campaign_id: UUID, listing_id: UUID, who: Officer, database: Db, now: Now) -> None:
    """Take a name off the list that does not belong there; its owner is not listed in this campaign again."""
    async with database.transaction() as tx:
        campaign = await campaigns.find(tx, campaign_id)
        who.within(city_id=campaign.city_id)
        removed = await tx.execute(
            update(leaderboard_name)
            .where(leaderboard_name.c.campaign_id == campaign_id, leaderboard_name.c.id == listing_id)
            .values(removed_at=func.coalesce(leaderboard_name.c.removed_at, now()))
        )
        if removed.rowcount == 0:
            raise not_found("place")


async def _ambassador(tx: Transaction, campaign: Campaign, principal: Principal) -> UUID:
    own = await known_contributor(tx, principal.person_id)
    enrolled = await find_enrolment(tx, campaign.id, own) if own is not None else None
    if enrolled is None or enrolled.standing is not Standing.APPROVED:
        raise conflict("no-ambassador", "Only ambassadors of the campaign are listed: join it first.")
    if not enrolled.adult:
        raise conflict("no-adult", "Only who said to be 18 or older when joining is listed.")
    return enrolled.contributor_id
