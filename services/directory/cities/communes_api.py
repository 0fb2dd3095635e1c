"""Communes over HTTP: all of the country, those that take part with their city."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import PUBLIC
from chassis.http import Db, Listing, ShortText, Shown
from chassis.pagination import Paging, page
from chassis.problems import invalid
from services.directory.cities.communes import communes, matching
from services.directory.cities.tables import city_nis_code
from services.directory.search.folding import folded

router = APIRouter(prefix="/api/v1/communes", tags=["cities"])

NisCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
Postcode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3}$")]
Name = Annotated[ShortText, StringConstraints(max_length=100)]


class FormerCode(Shown):
    """A code that the commune's city had before."""

    nis_code: str
    valid_from: date
    valid_until: date
    """The first day on which it had the next one."""


class Commune(Shown):
    """A commune of today."""

    nis_code: str
    names: dict[str, str]
    postcodes: list[str]
    city_id: UUID | None
    """Null where it does not take part."""
    former_codes: list[FormerCode]
    """As operators declared its mergers; known of communes that take part alone."""


@router.get("", response_model=Listing[Commune], dependencies=[PUBLIC])
async def list_communes(
    *,
    request: Request,
    response: Response,
    db: Db,
    paging: Paging,
    q: Annotated[
        Name | None, Query(description="The beginning of a word of its name, in any language.")
    ] = None,
    postcode: Postcode | None = None,
    nis_code: Annotated[NisCode | None, Query(description="Of today, or from before a merger.")] = None,
) -> object:
    """Belgian communes in the order of their codes. An old code finds the commune it went on as."""
    if q is not None and not folded(q):
        raise invalid("q", "has no letter or digit to look for")
    after = paging.after(str)
    async with db.connection() as connection:
        codes = None if nis_code is None else await _todays(connection, nis_code)
        found = [each for each in matching(q, postcode, codes) if after is None or each.nis_code > after][
            : paging.limit + 1
        ]
        cities = await _cities(connection, [each.nis_code for each in found])
        former = await _former(connection, list(cities.values()))
    items = [
        Commune(
            nis_code=each.nis_code,
            names=each.names,
            postcodes=list(each.postcodes),
            city_id=cities.get(each.nis_code),
            former_codes=former.get(cities.get(each.nis_code), []),
        )
        for each in found
    ]
    return page(request, response, items, paging.limit, lambda each: each.nis_code)


async def _todays(connection: AsyncConnection, nis_code: str) -> frozenset[str]:
    """The code itself where a commune has it today, else that of whichever city had it and went on."""
    if nis_code in communes():
        return frozenset({nis_code})
    had = select(city_nis_code.c.city_id).where(city_nis_code.c.nis_code == nis_code)
    present = select(city_nis_code.c.nis_code).where(
        city_nis_code.c.city_id.in_(had), city_nis_code.c.valid_until.is_(None)
    )
    return frozenset((await connection.execute(present)).scalars())


async def _cities(connection: AsyncConnection, codes: list[str]) -> dict[str, UUID]:
    """Which city has each of the codes today."""
    wanted = select(city_nis_code.c.nis_code, city_nis_code.c.city_id).where(
        city_nis_code.c.nis_code.in_(codes), city_nis_code.c.valid_until.is_(None)
    )
    return {row.nis_code: row.city_id for row in await connection.execute(wanted)}


async def _former(connection: AsyncConnection, cities: list[UUID]) -> dict[UUID | None, list[FormerCode]]:
    """The codes that cities had, the oldest first."""
    wanted = (
        select(city_nis_code)
        .where(city_nis_code.c.city_id.in_(cities), city_nis_code.c.valid_until.is_not(None))
        .order_by(city_nis_code.c.city_id, city_nis_code.c.version)
    )
    found: dict[UUID | None, list[FormerCode]] = {}
    for row in await connection.execute(wanted):
        was = FormerCode(nis_code=row.nis_code, valid_from=row.valid_from, valid_until=row.valid_until)
        found.setdefault(row.city_id, []).append(was)
    return found
