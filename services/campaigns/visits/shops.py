"""The shops whose pages can be visited."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from chassis.database import Database
from services.campaigns.places.storage import merchant_of_row
from services.campaigns.places.tables import known_merchant
from services.campaigns.remembered import Remembered
from services.campaigns.visits.domain import Kind, Subject

Shops = Remembered[UUID, Subject]
"""Their pages, by the shops' ids."""


def shops(database: Database) -> Shops:
    """Those that are listed and open."""

    async def read(merchant_id: UUID) -> Subject | None:
        for row in await database.read(_BY_ID, {"id": merchant_id}):
            found = merchant_of_row(row._mapping)
            if found.known and not found.closed:
                return Subject(found.id, Kind.PAGE, found.city_id, merchant_id=found.id)
        return None

    return Remembered(read)


_BY_ID = select(known_merchant).where(known_merchant.c.id == bindparam("id", type_=Uuid))
