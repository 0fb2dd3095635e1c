"""Brings proposals to the directory, until it has them. Brought twice, one is one: it has its own id."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus

import httpx
import structlog
from sqlalchemy import select, update

from chassis.as_service import AsService, Unreachable
from chassis.clock import Clock
from chassis.database import Database
from services.assessment.proposals.tables import draft_proposals
from services.assessment.proposals.use_cases import Proposal, decide, of_row

POLL_SECONDS = 2.0
AWAY_FOR = timedelta(seconds=30)
"""How long a directory that does not answer is left alone."""
FULL_FOR = timedelta(minutes=10)
"""How long a proposal waits whose city has too many to look through."""
NOT_ACCEPTABLE = "not_acceptable"
"""Why the directory itself refuses one: no such city, no such kind of shop."""
_AT_ONCE = 20

log = structlog.get_logger(__name__)


class Sending:
    """The job. In two processes at once, a proposal may be brought twice."""

    def __init__(self, database: Database, directory: AsService, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Whenever some are due, until `stop`."""
        while not stop.is_set():
            await self.send_due()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_SECONDS)

    async def send_due(self) -> None:
        """Those that are due now, who proposed first first."""
        known = draft_proposals.c
        due = (known.sent_at.is_(None), known.decided_at.is_(None), known.next_try_at <= self._clock())
        some = select(draft_proposals).where(*due).order_by(known.next_try_at, known.id).limit(_AT_ONCE)
        async with self._database.connection() as connection:
            waiting = [of_row(row) for row in (await connection.execute(some)).mappings()]
        for proposal in waiting:
            await self._send(proposal)

    async def _send(self, proposal: Proposal) -> None:
        body = {**vars(proposal.shop), "city_id": str(proposal.shop.city_id)}
        try:
            answer = await self._directory.put(f"/api/v1/merchant-proposals/{proposal.id}", body)
        except Unreachable as error:
            log.warning("the directory does not take proposals", error=str(error))
            await self._note(proposal, next_try_at=self._clock() + AWAY_FOR)
            return
        await self._settle(proposal, answer)

    async def _settle(self, proposal: Proposal, answer: httpx.Response) -> None:
        match answer.status_code:
            case HTTPStatus.NO_CONTENT:
                await self._note(proposal, sent_at=self._clock())
            case HTTPStatus.UNPROCESSABLE_ENTITY:
                async with self._database.transaction() as tx:
                    await decide(tx, proposal.id, self._clock(), merchant_id=None, reason=NOT_ACCEPTABLE)
            case HTTPStatus.TOO_MANY_REQUESTS:
                await self._note(proposal, next_try_at=self._clock() + FULL_FOR)
            case other:
                log.warning("the directory does not take proposals", status=int(other))
                await self._note(proposal, next_try_at=self._clock() + AWAY_FOR)

    async def _note(self, proposal: Proposal, **values: object) -> None:
        async with self._database.transaction() as tx:
            row = draft_proposals.c.id == proposal.id
            await tx.execute(update(draft_proposals).where(row).values(values))
