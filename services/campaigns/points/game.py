"""What a campaign plays for: the points it gives, the badges it offers, whether it has a leaderboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.domain import Campaign, Plan
from services.campaigns.lifecycle.taking_part import taking_part
from services.campaigns.lifecycle.visible import must_be_visible
from services.campaigns.points.badges import Badge, badges, offered
from services.campaigns.points.domain import rewarded
from services.campaigns.points.tables import campaign_game
from services.campaigns.policy.domain import Action


@dataclass(frozen=True)
class Game:
    actions: frozenset[Action]
    """For which it gives points; for none where it plays for nothing."""
    badges: bool
    leaderboard: bool
    offer: tuple[Badge, ...]


async def announced_campaign(connection: AsyncConnection, campaign_id: UUID) -> Campaign:
    """The campaign, unless it is a draft, which plays for nothing yet. Raises the problem 404."""
    found = await storage.find(connection, campaign_id)
    must_be_visible(None, found)
    return found


async def game_of(connection: AsyncConnection, campaign: Campaign) -> Game:
    """Of a campaign; all of it is on until an officer switches it off."""
    row = (
        await connection.execute(select(campaign_game).where(campaign_game.c.campaign_id == campaign.id))
    ).first()
    actions = rewarded(campaign.plan.asks)
    with_badges = row is None or row.badges
    offer: tuple[Badge, ...] = ()
    if actions and with_badges:
        most = max(badge.at_least for badge in badges())
        merchants = await taking_part(connection, campaign, None, most)
        offer = offered(badges(), actions, len(merchants), days_of(campaign.plan))
    return Game(actions, with_badges, row is None or row.leaderboard, offer)


async def switch(tx: Transaction, campaign: Campaign, *, badges: bool, leaderboard: bool) -> None:
    """Have badges and a leaderboard, or not, from now on; points go on being booked."""
    said = {"badges": badges, "leaderboard": leaderboard}
    new = insert(campaign_game).values(campaign_id=campaign.id, city_id=campaign.city_id, **said)
    await tx.execute(new.on_conflict_do_update(index_elements=["campaign_id"], set_=said))


def days_of(plan: Plan) -> int:
    """How many days of Brussels a campaign touches."""
    last: datetime = plan.ends_at - timedelta(microseconds=1)
    return (brussels_day(last) - brussels_day(plan.starts_at)).days + 1
