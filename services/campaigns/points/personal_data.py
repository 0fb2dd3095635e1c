"""What the game knows about a person: their points, and the names under which they are listed."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, kept, rows
from services.campaigns.contributors import pseudonym_of
from services.campaigns.points.tables import deed, leaderboard_name, point_entry


async def _show_points(connection: AsyncConnection, principal: Principal) -> Rows:
    entry = point_entry.c
    shown = select(
        entry.city_id, entry.campaign_id, entry.cause, entry.action, entry.points, entry.why, entry.at
    )
    own = entry.contributor_id.in_(pseudonym_of(principal.person_id))
    return await rows(connection, shown.where(own).order_by(entry.id))


async def _show_deeds(connection: AsyncConnection, principal: Principal) -> Rows:
    done = deed.c
    shown = select(
        done.id, done.city_id, done.campaign_id, done.merchant_id, done.action, done.at, done.stands
    )
    own = done.contributor_id.in_(pseudonym_of(principal.person_id))
    return await rows(connection, shown.where(own).order_by(done.id))


async def _forget_shops(tx: Transaction, asked: Erasure) -> None:
    """That links brought visits to a shop that is erased is a figure about it; the points stay."""
    of_theirs = deed.c.merchant_id.in_(asked.closed_merchants)
    await tx.execute(update(deed).where(of_theirs).values(merchant_id=None))


async def _show_names(connection: AsyncConnection, principal: Principal) -> Rows:
    listed = leaderboard_name.c
    shown = select(listed.city_id, listed.campaign_id, listed.name, listed.listed_at, listed.removed_at)
    own = listed.contributor_id.in_(pseudonym_of(principal.person_id))
    return await rows(connection, shown.where(own).order_by(listed.id))


async def _delete_names(tx: Transaction, asked: Erasure) -> None:
    own = leaderboard_name.c.contributor_id.in_(pseudonym_of(asked.person_id))
    await tx.execute(delete(leaderboard_name).where(own))


HOLDINGS = (
    Holding("points", (), _show_points, kept),
    Holding("days on which links brought visits, and corrections", (), _show_deeds, _forget_shops),
    Holding("names on leaderboards", (), _show_names, _delete_names),
)
