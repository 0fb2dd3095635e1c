"""Which cities take part, told by the directory's events, in whatever order they come."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Column, Table, Uuid, select
from sqlalchemy.dialects.postgresql import insert

from chassis.access import Access
from chassis.database import Transaction
from chassis.problems import invalid
from chassis.received import Received
from contracts.directory.v1 import CityJoined, CommuneMerged
from services.assessment.metadata import metadata

cities = Table("cities", metadata, Column("city_id", Uuid, primary_key=True))

CityNews = CityJoined | CommuneMerged
NEWS: tuple[type[CityNews], ...] = (CityJoined, CommuneMerged)
"""Either says that there is such a city, and none says that it is gone."""


async def apply(tx: Transaction, news: Sequence[Received[CityNews]]) -> None:
    """Take note of cities that take part."""
    # `news` comes sorted by city, and a dict keeps that order: rows are locked in it.
    rows = [{"city_id": city_id} for city_id in dict.fromkeys(each.fact.city_id for each in news)]
    await tx.execute(insert(cities).on_conflict_do_nothing(), rows)


async def require_known(tx: Transaction, named: Mapping[UUID, str], by: Access) -> None:
    """Raise a 422 Problem for a city that takes no part; `named` says which field names which.

    Who has a role in a city was given it by the directory, which knows the city: their token may well be here
    sooner than the event. So only who works everywhere may have to wait for it, for as long as it travels.
    """
    of_theirs = {grant.city_id for grant in by.principal.grants}
    doubtful = [city_id for city_id in named if city_id not in of_theirs]
    known = {*(await tx.execute(select(cities.c.city_id).where(cities.c.city_id.in_(doubtful)))).scalars()}
    for city_id in doubtful:
        if city_id not in known:
            raise invalid(named[city_id], "no such city takes part")
