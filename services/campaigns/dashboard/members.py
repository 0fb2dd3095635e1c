"""The shops that a city or a campaign can reach."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from chassis.database import Database, Transaction
from services.campaigns.dashboard.domain import Members
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.tables import campaign
from services.campaigns.lifecycle.taking_part import taking_part
from services.campaigns.places.tables import known_merchant
from services.campaigns.remembered import Remembered

MOST_MERCHANTS = 100_000
"""More than any city has."""
Scopes = Remembered[UUID, Members]
"""By the id of the city or of the campaign."""


def members(database: Database) -> Scopes:
    """Those of a campaign are compared with the outlines of its districts: not for each look at it."""

    async def read(scope_id: UUID) -> Members:
        async with database.connection() as connection:
            row = (await connection.execute(select(campaign).where(campaign.c.id == scope_id))).mappings()
            if (found := row.first()) is None:
                return await _of_city(connection, scope_id)
            ids = await taking_part(connection, storage.of_row(found), None, MOST_MERCHANTS)
            return await _read(connection, known_merchant.c.id.in_(ids))

    return Remembered(read)


async def _of_city(connection: Transaction, city_id: UUID) -> Members:
    known = known_merchant.c
    is_open = known.setting_version > func.coalesce(known.closed_version, 0)
    return await _read(connection, (known.city_id == city_id) & is_open)


async def _read(connection: Transaction, wanted: ColumnElement[bool]) -> Members:
    known = known_merchant.c
    rows = await connection.execute(select(known.id, known.district_ids).where(wanted).order_by(known.id))
    return {merchant_id: tuple(districts) for merchant_id, districts in rows}
