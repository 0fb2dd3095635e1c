"""Inviting cities to a campaign, and their answers. Settled before it is announced: then people count on it.

The campaign is locked, so that nobody is invited, or answers, while it is being announced.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.problems import conflict, invalid, not_found
from services.campaigns.cities.tables import campaign_city
from services.campaigns.lifecycle.domain import Campaign, State
from services.campaigns.places.tables import known_city


async def invite(tx: Transaction, campaign: Campaign, city_id: UUID, now: datetime) -> None:
    """Raises the problems 409 once it is announced, 422 for its own city and for one that takes no part."""
    _must_be_a_draft(campaign)
    if city_id == campaign.city_id:
        raise invalid("city_id", "runs the campaign: other cities are invited")
    if not await tx.scalar(select(exists().where(known_city.c.id == city_id))):
        raise invalid("city_id", "no city of this id takes part")
    row = {"campaign_id": campaign.id, "city_id": city_id, "invited_at": now}
    await tx.execute(insert(campaign_city).values(row).on_conflict_do_nothing())


async def take_back(tx: Transaction, campaign: Campaign, city_id: UUID) -> None:
    """Without the city, whatever it answered. Raises the problem 409 once it is announced."""
    _must_be_a_draft(campaign)
    await tx.execute(delete(campaign_city).where(_one(campaign, city_id)))


async def answer(tx: Transaction, campaign: Campaign, city_id: UUID, *, accepts: bool, now: datetime) -> None:
    """The city takes part or not; it may change its mind. Raises the problems 404 and 409."""
    asked = await tx.scalar(select(exists().where(_one(campaign, city_id))))
    if not asked:
        raise not_found("invitation")
    _must_be_a_draft(campaign)
    said = {"accepted": accepts, "answered_at": now}
    await tx.execute(update(campaign_city).where(_one(campaign, city_id)).values(said))


def _one(campaign: Campaign, city_id: UUID) -> ColumnElement[bool]:
    return (campaign_city.c.campaign_id == campaign.id) & (campaign_city.c.city_id == city_id)


def _must_be_a_draft(campaign: Campaign) -> None:
    if campaign.state is not State.DRAFT:
        raise conflict("campaign-announced", "Which cities take part was settled when it was announced.")
