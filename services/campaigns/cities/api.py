"""Campaigns of several cities over HTTP: one runs it and invites, each of the others answers for itself."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import select

from chassis.access import Access, may
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Role
from chassis.openapi import problems
from services.campaigns.cities import use_cases
from services.campaigns.cities.tables import campaign_city
from services.campaigns.lifecycle import storage

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

Officer = Annotated[Access, may(Role.city_officer)]


class CityShown(Shown):
    """A city that was invited."""

    city_id: UUID
    invited_at: datetime
    accepted: bool | None
    """None: not answered yet."""
    answered_at: datetime | None


class Answering(Body):
    """What a city answers."""

    accepted: bool


@router.get("/{campaign_id}/cities", response_model=list[CityShown])
async def cities(campaign_id: UUID, who: Officer, database: Db) -> list[dict[str, Any]]:
    """Which cities were invited, for the officers of these and of the one that runs it."""
    query = select(campaign_city).where(campaign_city.c.campaign_id == campaign_id)
    async with database.connection() as connection:
        found = await storage.find(connection, campaign_id)
        rows = (await connection.execute(query.order_by(campaign_city.c.city_id))).mappings().all()
    if not any(who.has(city_id=row["city_id"]) for row in rows):
        who.within(city_id=found.city_id)
    return [dict(row) for row in rows]


@router.put("/{campaign_id}/cities/{city_id}", status_code=204, responses=problems(409))
async def invite(campaign_id: UUID, city_id: UUID, who: Officer, database: Db, now: Now) -> None:
    """Invite a city to take part."""
    async with database.transaction() as tx:
        found = await storage.find(tx, campaign_id, to_change=True)
        who.within(city_id=found.city_id)
        await use_cases.invite(tx, found, city_id, now())


@router.delete("/{campaign_id}/cities/{city_id}", status_code=204, responses=problems(409))
async def take_back(campaign_id: UUID, city_id: UUID, who: Officer, database: Db) -> None:
    """Run it without that city."""
    async with database.transaction() as tx:
        found = await storage.find(tx, campaign_id, to_change=True)
        who.within(city_id=found.city_id)
        await use_cases.take_back(tx, found, city_id)


@router.put("/{campaign_id}/cities/{city_id}/answer", status_code=204, responses=problems(409))
async def answer(
    campaign_id: UUID, city_id: UUID, body: Answering, *, who: Officer, database: Db, now: Now
) -> None:
    """Take part or not, for one's own city."""
    who.within(city_id=city_id)
    async with database.transaction() as tx:
        found = await storage.find(tx, campaign_id, to_change=True)
        await use_cases.answer(tx, found, city_id, accepts=body.accepted, now=now())
