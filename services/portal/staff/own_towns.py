"""The towns that somebody's roles are for, by name: all of them, for who works in the whole region."""

from __future__ import annotations

import asyncio

from services.portal.neighbours import NotThere
from services.portal.shops import City
from services.portal.staff.entrance import Me
from services.portal.towns import Cities
from services.portal.visitors import Visitor

_MOST_PAGES = 6
"""Of a hundred cities: the country has 565."""


async def read_cities(visitor: Visitor) -> list[City]:
    """All that take part, by their names. Raises Unanswered."""
    found: list[City] = []
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        some = await visitor.shaped(Cities, "directory", "/api/v1/cities", limit=100, cursor=cursor)
        found += some.items
        cursor = some.next
        if cursor is None:
            break
    return sorted(found, key=lambda city: city.called(visitor.language))


async def own_towns(visitor: Visitor, *roles: str) -> list[City]:
    """Those where they have one of the roles. Raises NotThere for who has none, Unanswered."""
    me, cities = await asyncio.gather(
        visitor.shaped(Me, "directory", "/api/v1/people/me"), read_cities(visitor)
    )
    own = {each.city_id for each in me.grants if each.role in roles}
    if not own:
        raise NotThere("no such role")
    return [city for city in cities if None in own or city.id in own]
