"""What the screening knows about a person: on which days they wrote from somewhere, as hashes."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, rows
from services.campaigns.contributors import pseudonym_of
from services.campaigns.screening.tables import sighting


async def _show_sightings(connection: AsyncConnection, principal: Principal) -> Rows:
    own = sighting.c.contributor_id.in_(pseudonym_of(principal.person_id))
    days = select(sighting.c.seen_on).where(own).distinct().order_by(sighting.c.seen_on)
    return await rows(connection, days)


async def _forget_sightings(tx: Transaction, asked: Erasure) -> None:
    await tx.execute(delete(sighting).where(sighting.c.contributor_id.in_(pseudonym_of(asked.person_id))))


SIGHTINGS = Holding(
    "days on which a device or network was noted, as a hash", (), _show_sightings, _forget_sightings
)
