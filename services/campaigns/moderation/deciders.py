"""Who decides cases: officers of the city, and appeals also those of the city that it named for that."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import Access, may
from chassis.identity import Role
from services.campaigns.moderation import storage

Officer = Annotated[Access, may(Role.city_officer)]


async def must_decide(connection: AsyncConnection, who: Access, city_id: UUID, *, is_appeal: bool) -> None:
    """Raise the problem 403 for who decides nothing there."""
    if is_appeal and not who.has(city_id=city_id):
        deputy_city = await storage.deputy_of(connection, city_id)
        if deputy_city is not None and who.has(city_id=deputy_city):
            return
    who.within(city_id=city_id)
