"""What a campaign plays for, and what one has in it, over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import case, select

from chassis.access import MAY_PERSON, PUBLIC, Access, may
from chassis.http import Db, Listing
from chassis.identity import Principal, Role
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.pagination import Paging, page
from services.campaigns.contributors import known_contributor
from services.campaigns.lifecycle import storage as campaigns
from services.campaigns.points.badges import earned
from services.campaigns.points.forms import (
    EntryShown,
    GameShown,
    GameSwitched,
    OwnPointsShown,
    badges_shown,
    game_shown,
)
from services.campaigns.points.game import announced_campaign, game_of, switch
from services.campaigns.points.ledger import deeds_of
from services.campaigns.points.tables import BESIDE, point_balance, point_entry

router = APIRouter(prefix="/api/v1/campaigns/{campaign_id}", tags=["points"])

Signed = Annotated[Principal, MAY_PERSON]
Officer = Annotated[Access, may(Role.city_officer)]


@router.get("/game", response_model=GameShown, dependencies=[PUBLIC], responses=problems(404))
async def read_game(campaign_id: UUID, database: Db, language: ReadersLanguage) -> dict[str, Any]:
    """For what a campaign gives points, which badges can be earned, and whether it has a leaderboard."""
    async with database.connection() as connection:
        campaign = await announced_campaign(connection, campaign_id)
        return game_shown(await game_of(connection, campaign), language)


@router.put("/game", response_model=GameShown, responses=problems(404))
async def switch_game(
    campaign_id: UUID, body: GameSwitched, who: Officer, database: Db, language: ReadersLanguage
) -> dict[str, Any]:
    """Switch badges and the leaderboard on or off. Points are given where the campaign's asks say so."""
    async with database.transaction() as tx:
        campaign = await campaigns.find(tx, campaign_id)
        who.within(city_id=campaign.city_id)
        await switch(tx, campaign, badges=body.badges_on, leaderboard=body.leaderboard_on)
        return game_shown(await game_of(tx, campaign), language)


@router.get("/points/mine", response_model=OwnPointsShown, responses=problems(404))
async def read_own(
    campaign_id: UUID, principal: Signed, database: Db, language: ReadersLanguage
) -> dict[str, Any]:
    """One's own points and badges in a campaign; none for who has not contributed to it."""
    async with database.connection() as connection:
        campaign = await announced_campaign(connection, campaign_id)
        own = await known_contributor(connection, principal.person_id)
        if own is None:
            return {"points": 0, "badges": []}
        game = await game_of(connection, campaign)
        deeds = await deeds_of(connection, campaign_id, own)
        points = await connection.scalar(
            select(point_balance.c.points).where(
                point_balance.c.campaign_id == campaign_id, point_balance.c.contributor_id == own
            )
        )
    return {
        "points": points or 0,
        "badges": badges_shown(earned(game.offer, deeds, game.actions), language),
    }


@router.get("/points/mine/entries", response_model=Listing[EntryShown], responses=problems(404))
async def list_own(
    *,
    campaign_id: UUID,
    principal: Signed,
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """The lines that one's own points are made of, newest first: each with its rule and its cause."""
    async with database.connection() as connection:
        await announced_campaign(connection, campaign_id)
        own = await known_contributor(connection, principal.person_id)
        of_contribution = case((~point_entry.c.action.in_(BESIDE), point_entry.c.cause))
        query = select(point_entry, of_contribution.label("contribution_id")).where(
            point_entry.c.campaign_id == campaign_id, point_entry.c.contributor_id == own
        )
        if (last := paging.after(UUID)) is not None:
            query = query.where(point_entry.c.id < last)
        newest = query.order_by(point_entry.c.id.desc()).limit(paging.limit + 1)
        rows = (await connection.execute(newest)).mappings().all()
    return page(request, response, [dict(row) for row in rows], paging.limit, lambda each: each["id"])
