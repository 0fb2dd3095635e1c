"""Reads connected accounts once a day, gives back what was taken back. One worker for each at a time."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, select, update

from chassis.clock import Clock
from chassis.database import Database, Transaction
from chassis.sealing import Seal, Unsealable
from services.campaigns.connections.domain import Figures, GrantEnded, State
from services.campaigns.connections.google import Google, NotAuthorised
from services.campaigns.connections.pace import MINUTE, MinuteIsFull
from services.campaigns.connections.tables import connection
from services.campaigns.connections.use_cases import is_used_beside, leave
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.elsewhere.domain import FoundCount, Measure, Source
from services.campaigns.elsewhere.record import record_count
from services.campaigns.leases import log_unforeseen, still_held, take
from services.campaigns.places.storage import is_closed
from services.campaigns.watch.domain import Trouble, next_look

EVERY = timedelta(days=1)
GIVEN_UP_AFTER = 8
"""So often a platform is asked to take a token back; then it is deleted here all the same."""

log = structlog.get_logger(__name__)
Connectors = Mapping[str, Google]


class Connections:
    """Reads the accounts of all merchants."""

    def __init__(self, database: Database, connectors: Connectors, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._connectors = connectors
        self._seal = seal
        self._clock = clock

    async def look_once(self, now: datetime) -> bool:
        """Read the account that is due the longest, or give its token back; whether there was one."""
        row = await take(self._database, connection, now)
        if row is None:
            return False
        connector = self._connectors.get(row["connector"])
        try:
            if connector is None:
                raise GrantEnded("This platform cannot be connected here any more.")
            token = self._seal.open(row["sealed_token"], row["id"])
            if row["state"] == State.LEAVING:
                async with self._database.connection() as known:
                    is_used = await is_used_beside(known, row)
                if not is_used:
                    await connector.revoke(token)
                await self._forget(row)
            else:
                await self._keep(row, await _read(connector, token, row["location"]))
        except (GrantEnded, Unsealable) as ended:
            await self._end(row, str(ended) or "What opened the account cannot be read any more.")
        except Trouble as trouble:
            await self._put_off(row, trouble)
        except Exception as error:
            log_unforeseen(error, "connected accounts", row)
            await self._put_off(row, Trouble("The platform answers with something that cannot be kept."))
        return True

    async def _keep(self, row: dict[str, Any], figures: Figures) -> None:
        now = self._clock()
        seen = {
            "looked_at": now,
            "trouble": None,
            "failures": 0,
            "due_at": next_look(now, 0, random.random(), every=EVERY),  # noqa: S311  it only spreads
        }
        async with self._database.transaction() as tx:
            if not await still_held(tx, connection, row):
                return
            if await tx.scalar(select(is_closed(row["merchant_id"]))):
                await leave(tx, connection.c.id == row["id"], now)
                return
            await _record(tx, row, self._connectors[row["connector"]], figures, now)
            await tx.execute(update(connection).where(connection.c.id == row["id"]).values(seen))

    async def _forget(self, row: dict[str, Any]) -> None:
        async with self._database.transaction() as tx:
            await tx.execute(
                delete(connection).where(
                    connection.c.id == row["id"], connection.c.state == State.LEAVING.value
                )
            )

    async def _end(self, row: dict[str, Any], reason: str) -> None:
        """The platform ended it: the merchant reads why. What was being taken back is gone then."""
        if row["state"] == State.LEAVING:
            await self._forget(row)
            return
        ended = {
            "state": State.DISCONNECTED.value,
            "sealed_token": None,
            "reason": reason[:300],
            "due_at": None,
            "looked_at": self._clock(),
        }
        async with self._database.transaction() as tx:
            if await still_held(tx, connection, row):
                await tx.execute(update(connection).where(connection.c.id == row["id"]).values(ended))
        log.info("connection ended by the platform", connector=row["connector"])

    async def _put_off(self, row: dict[str, Any], trouble: Trouble) -> None:
        now = self._clock()
        is_ours = isinstance(trouble, MinuteIsFull)  # nothing went wrong
        failures = row["failures"] + (not is_ours)
        if row["state"] == State.LEAVING and failures >= GIVEN_UP_AFTER:
            await self._forget(row)
            return
        again = next_look(now, failures, random.random(), retry_after=trouble.retry_after)  # noqa: S311
        seen = {"failures": failures, "due_at": now + MINUTE if is_ours else again}
        told = {} if is_ours else {"trouble": str(trouble)[:300], "looked_at": now}
        async with self._database.transaction() as tx:
            if await still_held(tx, connection, row):
                await tx.execute(update(connection).where(connection.c.id == row["id"]).values(seen | told))


async def _read(connector: Google, refresh_token: str, location: str) -> Figures:
    """With a token of this minute; with another where it is refused. Raises GrantEnded and Trouble."""
    for _ in range(2):
        grant = await connector.refresh(refresh_token)
        try:
            return await connector.figures(location, grant)
        except NotAuthorised:
            continue
    raise GrantEnded("The platform does not accept the leave any more.")


async def _record(
    tx: Transaction, row: dict[str, Any], connector: Google, figures: Figures, now: datetime
) -> None:
    declared = connector.declared
    counted: dict[Measure, tuple[float, int | None]] = {Measure.REVIEWS: (figures.reviews, None)}
    if figures.mean is not None:
        counted[Measure.MEAN] = round(figures.mean, 2), 5
    for measure, (figure, scale) in counted.items():
        count = FoundCount(
            platform=declared.platform,
            measure=measure,
            day=brussels_day(now),
            figure=figure,
            source=Source.CONNECTED,
            scale=scale,
            via=declared.name,
        )
        await record_count(tx, row["merchant_id"], count, now)
