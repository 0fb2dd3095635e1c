"""Of what officers see figures: of their city, and of the campaigns it takes part in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from chassis.access import Access, may
from chassis.http import Db
from chassis.identity import Role
from chassis.problems import forbidden
from services.campaigns.cities.storage import accepted
from services.campaigns.dashboard.reading import Scope
from services.campaigns.lifecycle import storage

Officer = Annotated[Access, may(Role.city_officer)]


async def _of_city(city_id: UUID, who: Officer) -> Scope:
    who.within(city_id=city_id)
    return Scope(city_id, (city_id,))


async def _of_campaign(campaign_id: UUID, who: Officer, database: Db) -> Scope:
    """For the officers of each of its cities: they run it together."""
    async with database.connection() as connection:
        found = await storage.find(connection, campaign_id)
        cities = (found.city_id, *await accepted(connection, campaign_id))
    if not any(who.has(city_id=each) for each in cities):
        raise forbidden("This is for the officers of the campaign's cities.")
    return Scope(campaign_id, cities, found)


OfCity = Annotated[Scope, Depends(_of_city)]
OfCampaign = Annotated[Scope, Depends(_of_campaign)]
