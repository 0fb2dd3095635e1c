"""Which cities a campaign is of, beside the one that runs it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select

from chassis.database import Transaction
from services.campaigns.cities.tables import campaign_city
from services.campaigns.lifecycle.tables import campaign


async def accepted(tx: Transaction, campaign_id: UUID) -> tuple[UUID, ...]:
    """Those that take part, in the order of their ids. Fixed once the campaign is announced."""
    return await _cities(tx, campaign_id, campaign_city.c.accepted.is_(True))


async def not_declined(tx: Transaction, campaign_id: UUID) -> tuple[UUID, ...]:
    """Those that take part or may still."""
    return await _cities(tx, campaign_id, campaign_city.c.accepted.is_not(False))


def runs_in(city_id: ColumnElement[UUID] | UUID) -> ColumnElement[bool]:
    """Whether a campaign is of that city: run by it, or with it."""
    return (campaign.c.city_id == city_id) | exists().where(
        campaign_city.c.campaign_id == campaign.c.id,
        campaign_city.c.city_id == city_id,
        campaign_city.c.accepted,
    ).correlate_except(campaign_city)


def is_asked(cities: Collection[UUID]) -> ColumnElement[bool]:
    """Whether one of these cities was invited and did not decline."""
    return exists().where(
        campaign_city.c.campaign_id == campaign.c.id,
        campaign_city.c.city_id.in_(cities),
        campaign_city.c.accepted.is_not(False),
    )


async def _cities(tx: Transaction, campaign_id: UUID, wanted: ColumnElement[bool]) -> tuple[UUID, ...]:
    query = select(campaign_city.c.city_id).where(campaign_city.c.campaign_id == campaign_id, wanted)
    return tuple((await tx.execute(query.order_by(campaign_city.c.city_id))).scalars())
