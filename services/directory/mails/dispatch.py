"""Sends the directory's mails for as long as the worker lives.

A mail is sent at least once (decision 0004). Log lines and traces carry its id and kind, never the address,
the text or what the relay said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from chassis import telemetry_names
from chassis.clock import Clock
from chassis.database import Database, is_infrastructure_error
from chassis.mail import as_sent
from chassis.smtp import RefusedForGood, SmtpRelay, Unreachable, keep_sending
from chassis.telemetry import continued
from services.directory.mails import rows
from services.directory.mails.rows import Due
from services.directory.mails.writing import MailWriter

RETRY_NOTE_SECONDS = 0.5
ENOUGH_LEASE = timedelta(seconds=25)
"""With less left of a lease no further mail is begun: somebody else may already be about to claim it."""
_CHANNEL = "mail"

log = structlog.get_logger(__name__)


class Dispatch:
    """The job that sends. Any number of them may run; each mail is claimed by one."""

    def __init__(self, database: Database, writer: MailWriter, relay: SmtpRelay, *, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._relay = relay
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`; what is being sent then is finished first. May be run again after it died."""
        await keep_sending(self.send_batch, self._relay, stop)

    async def send_batch(self, stop: asyncio.Event | None = None) -> int:
        """Send what is due now, some twenty at most; returns how many were taken up."""
        claimed_at = self._clock()
        async with self._database.transaction() as tx:
            expired = await rows.drop_expired(tx, claimed_at)
            due = await rows.claim_due(tx, claimed_at)
        if expired:
            telemetry_names.DELIVERIES.labels(_CHANNEL, "expired").inc(expired)
            log.warning("mails were not sent in time", mails=expired)
        for each in await self._send_all(due, claimed_at + rows.LEASE - ENOUGH_LEASE, stop):
            await self._put_back(each)
        return len(due)

    async def _send_all(
        self, due: Sequence[Due], until: datetime, stop: asyncio.Event | None
    ) -> Sequence[Due]:
        """Send one after the other; returns those that were not begun, or that no relay took."""
        for position, each in enumerate(due):
            if (stop and stop.is_set()) or self._clock() > until:
                return due[position:]
            try:
                await self._send(each)
            except Unreachable as error:
                log.warning("mails wait", mails=len(due) - position, detail=str(error))
                return due[position:]
        return ()

    async def _send(self, due: Due) -> None:
        """Raises Unreachable; everything else is settled or put back."""
        ids = {"cococity.mail_id": str(due.id), "cococity.channel": _CHANNEL}
        with continued(telemetry_names.DELIVERY_SPAN, due.traceparent, ids):
            try:
                await self._relay.send(as_sent(self._writer.compose(due)))
            except RefusedForGood as refused:
                await self._finish(due, "failed", refused.reason)
            except Unreachable:
                raise
            except Exception as error:
                # Refused for now; or a mistake of ours in one mail, which must not hold up the others.
                log.warning("mail not taken", mail_id=str(due.id), kind=due.kind, error=type(error).__name__)
                await self._put_back(due)
            else:
                await self._finish(due, "sent")

    async def _put_back(self, due: Due) -> None:
        async with self._database.transaction() as tx:
            await rows.put_back(tx, due, self._clock())
        telemetry_names.DELIVERIES.labels(_CHANNEL, "put_back").inc()

    async def _finish(self, due: Due, state: str, reason: str | None = None) -> None:
        """The mail is settled. It may be gone already: a database that is away is waited for."""
        at = self._clock()
        while not await self._deleted(due, at):  # noqa: ASYNC110  it asks the database
            await asyncio.sleep(RETRY_NOTE_SECONDS)
        telemetry_names.DELIVERIES.labels(_CHANNEL, state).inc()
        log.info("mail settled", mail_id=str(due.id), kind=due.kind, state=state, reason=reason)

    async def _deleted(self, due: Due, at: datetime) -> bool:
        try:
            async with self._database.transaction() as tx:
                if not await rows.settle(tx, due):
                    log.warning("mail was settled by somebody else", mail_id=str(due.id))
        except Exception as error:
            if not is_infrastructure_error(error) or self._clock() > at + rows.LEASE:
                raise
            return False
        return True
