"""Looks whether goals of running campaigns are reached. Any number of processes may look at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from chassis.database import Database
from services.campaigns.goals.progress import note_reached
from services.campaigns.lifecycle import storage
from services.campaigns.lifecycle.tables import campaign, is_running

AFTERWARDS = timedelta(minutes=1)
"""What was posted in a campaign's last moment is counted when it is over already."""


async def note_goals(database: Database, now: datetime) -> None:
    """Keep and tell what was reached since the last look."""
    has_goals = func.jsonb_array_length(campaign.c.goals) > 0
    just_over = campaign.c.ended_at > now - AFTERWARDS
    query = select(campaign).where(has_goals, is_running | just_over).order_by(campaign.c.id)
    async with database.connection() as connection:
        rows = (await connection.execute(query)).mappings().all()
    for each in map(storage.of_row, rows):
        async with database.transaction() as tx:
            await note_reached(tx, each.city_id, each.id, each.plan.goals, now)
