"""Tells a city, once a day, that its queue waits too long. Any number of processes may look."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import and_, any_, func, literal, not_, or_, select
from sqlalchemy import case as either
from sqlalchemy.dialects.postgresql import insert

from chassis import outbox
from chassis.clock import Clock, utc_now
from chassis.database import Database, is_infrastructure_error
from chassis.history import Source
from chassis.ids import new_id
from contracts.campaigns.moderation import ModerationQueueWaited
from contracts.envelope import Event
from services.campaigns.moderation.domain import APPEAL_DUE, DUE, REPORTED, Morning
from services.campaigns.moderation.tables import is_open, moderation_case, moderation_deputy, moderation_wait

POLL_SECONDS = 60.0
log = structlog.get_logger(__name__)


async def run(database: Database, stop: asyncio.Event, clock: Clock = utc_now) -> None:
    """Look every minute, until `stop`; outlives a database that is away."""
    while not stop.is_set():
        try:
            await tell_waiting(database, clock())
        except Exception as error:
            if not is_infrastructure_error(error):
                raise
            log.info("queues wait for the database", error=type(error).__name__)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), POLL_SECONDS)


async def tell_waiting(database: Database, now: datetime) -> int:
    """Tell the cities where something has waited too long this morning; how many were told just now."""
    morning = Morning.of(now)
    if now < morning.told_at:
        return 0
    async with database.transaction() as tx:
        found = (await tx.execute(_too_long(morning, now))).mappings().all()
        rows = [{**each, "id": new_id(), "day": morning.day, "at": now} for each in found]
        if not rows:
            return 0
        # Another process may have told one meanwhile.
        once = insert(moderation_wait).values(rows).on_conflict_do_nothing().returning(moderation_wait)
        kept = (await tx.execute(once)).mappings().all()
        for each in kept:
            await outbox.record(tx, _waited(each))
    return len(kept)


def _too_long(morning: Morning, now: datetime) -> Any:
    """What waits in each city that was not told today, where something has waited too long."""
    case, wait = moderation_case.c, moderation_wait.c
    is_appeal = case.appeal_of.is_not(None)
    is_reported = literal(REPORTED) == any_(case.reasons)
    first_since = func.min(case.opened_at).filter(not_(is_appeal))
    appeal_since = func.min(case.opened_at).filter(is_appeal)
    appeal_too_long = appeal_since <= morning.opened_before(APPEAL_DUE)
    too_long = or_(first_since <= morning.opened_before(DUE), appeal_too_long)
    deputy = moderation_deputy.c
    named = select(deputy.deputy_city_id).where(deputy.city_id == case.city_id).scalar_subquery()
    told = select(wait.id).where(wait.city_id == case.city_id, wait.day == morning.day)
    return (
        select(
            case.city_id,
            func.count().filter(and_(not_(is_appeal), not_(is_reported))).label("held"),
            func.count().filter(and_(not_(is_appeal), is_reported)).label("reported"),
            func.count().filter(is_appeal).label("appeals"),
            func.count().filter(case.due_at < now).label("overdue"),
            func.min(case.opened_at).label("oldest_since"),
            named.label("deputy_city_id"),
            either((appeal_too_long, appeal_since)).label("oldest_appeal_since"),
        )
        .where(is_open, ~told.exists())
        .group_by(case.city_id)
        .having(too_long)
        .order_by(case.city_id)
    )


def _waited(row: Mapping[Any, Any]) -> Event[ModerationQueueWaited]:
    fact = ModerationQueueWaited(
        city_id=row["city_id"],
        wait_id=row["id"],
        day=row["day"],
        held=row["held"],
        reported=row["reported"],
        appeals=row["appeals"],
        overdue=row["overdue"],
        oldest_since=row["oldest_since"],
        deputy_city_id=row["deputy_city_id"],
        oldest_appeal_since=row["oldest_appeal_since"],
    )
    return Event.of(fact, row["at"])


HISTORY = (Source(select(moderation_wait).order_by(moderation_wait.c.at, moderation_wait.c.id), _waited),)
