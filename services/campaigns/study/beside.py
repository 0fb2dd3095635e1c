"""Which other campaigns touched the shops that a study compares: what they brought is in its figures too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.campaigns.cities.storage import accepted, runs_in
from services.campaigns.contributions.domain import BRUSSELS
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import Campaign, State
from services.campaigns.lifecycle.tables import campaign
from services.campaigns.lifecycle.taking_part import taking_part
from services.campaigns.study.domain.plan import SMALL_GROUP

MOST_MERCHANTS = 100_000
"""More than any city has."""


class Beside(Struct, frozen=True):
    """Another campaign; None stands for fewer than five shops, none among them."""

    campaign_id: UUID
    name: str
    own: int | None
    """Shops with the campaign that is looked at."""
    compared: int | None


async def campaigns_beside(
    connection: AsyncConnection,
    of: Campaign,
    members: Mapping[UUID, tuple[bool, str]],
    first: date,
    end: date,
) -> list[Beside]:
    """Those that ran between two days (the last excluded) with shops of either group, the oldest first.

    Their shops are those of today: which ones a campaign had on a day long past is kept nowhere.
    """
    found = []
    for other in await overlapping(connection, of, first, end):
        shops = members.keys() & frozenset(await taking_part(connection, other, None, MOST_MERCHANTS))
        own = sum(members[each][0] for each in shops)
        if shops:
            counts = (count if count >= SMALL_GROUP else None for count in (own, len(shops) - own))
            found.append(Beside(other.id, other.plan.name, *counts))
    return found


async def overlapping(connection: AsyncConnection, of: Campaign, first: date, end: date) -> list[Campaign]:
    """Announced campaigns of its cities that run, ran or are to run between two days."""
    began, over = (datetime.combine(each, time(), BRUSSELS) for each in (first, end))
    known = campaign.c
    query = select(campaign).where(
        known.id != of.id,
        or_(*(runs_in(each) for each in await cities_of(connection, of))),
        known.started_at.is_not(None) | (known.state == State.SCHEDULED),
        func.coalesce(known.started_at, known.starts_at) < over,
        func.coalesce(known.ended_at, known.ends_at) > began,
    )
    rows = await connection.execute(query.order_by(known.starts_at, known.id))
    return [storage.of_row(row) for row in rows.mappings()]


async def cities_of(connection: AsyncConnection, of: Campaign) -> tuple[UUID, ...]:
    """The city that runs a campaign, and those that accepted to be part of it."""
    return of.city_id, *await accepted(connection, of.id)
