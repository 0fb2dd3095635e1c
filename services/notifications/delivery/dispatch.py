"""Sends what is due, for as long as the worker lives, and notes what became of it.

A mail is sent at least once. Between the relay's acceptance and our commit lies a moment in which a crash
means a second copy, under the same Message-ID; a mail that was not accepted is never noted as sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from chassis import outbox, telemetry_names
from chassis.clock import Clock
from chassis.database import Database, Transaction, is_infrastructure_error
from chassis.smtp import RefusedForGood, RefusedForNow, SmtpRelay, Unreachable, keep_sending
from chassis.telemetry import continued
from services.notifications.delivery.contacts import Contact, Contacts
from services.notifications.delivery.domain import (
    CHANNEL_MAIL,
    LONGEST_OUTAGE_PAUSE,
    State,
    is_given_up,
    retry_after,
)
from services.notifications.delivery.facts import delivery_failed, merchant_notified
from services.notifications.delivery.queue import LEASE, Due, claim_due, put_back, settle
from services.notifications.languages import language_or_default
from services.notifications.mails.content import Content
from services.notifications.mails.notice import notice
from services.notifications.mails.writer import MailWriter
from services.notifications.recipients import Recipient

RETRY_NOTE_SECONDS = 0.5
ENOUGH_LEASE = timedelta(seconds=25)
"""With less left of a lease no further mail is begun: somebody else may already be about to claim it."""

log = structlog.get_logger(__name__)


class Dispatch:
    """The delivery job. Any number of them may run; each mail is claimed by one."""

    def __init__(
        self,
        database: Database,
        contacts: Contacts,
        writer: MailWriter,
        relay: SmtpRelay,
        *,
        clock: Clock,
        wait: Callable[[int], timedelta] = retry_after,
    ) -> None:
        self._database = database
        self._contacts = contacts
        self._writer = writer
        self._relay = relay
        self._clock = clock
        self._wait = wait

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`; what is being sent then is finished first. May be run again after it died."""
        await keep_sending(self.send_batch, self._relay, stop)

    async def send_batch(self, stop: asyncio.Event | None = None) -> int:
        """Send what is due now, some twenty at most; returns how many were taken up."""
        claimed_at = self._clock()
        async with self._database.transaction() as tx:
            due = await claim_due(tx, claimed_at)
        if not due:
            return 0
        for each in [each for each in due if not each.agreed]:
            await self._finish(each, State.cancelled, reason="not-agreed")
        wanted = [each for each in due if each.agreed]
        try:
            contacts = await self._contacts.of([each.recipient for each in wanted]) if wanted else {}
            left = await self._send_all(wanted, contacts, claimed_at, stop)
        except Unreachable as error:
            # Nobody's fault: the mails that are still claimed wait, without a limit.
            log.warning("mails wait", mails=len(wanted), detail=str(error))
            left = wanted
        for each in left:
            pause = min(self._wait(each.attempts), LONGEST_OUTAGE_PAUSE)
            await self._put_back(each, pause, refused_since=each.refused_since)
        return len(due)

    async def _send_all(
        self,
        due: Sequence[Due],
        contacts: Mapping[Recipient, Contact],
        claimed_at: datetime,
        stop: asyncio.Event | None,
    ) -> list[Due]:
        """Send one after the other; returns those that were not begun."""
        for position, each in enumerate(due):
            if (stop and stop.is_set()) or self._clock() > claimed_at + LEASE - ENOUGH_LEASE:
                return list(due[position:])
            try:
                await self._send(each, contacts.get(each.recipient))
            except Unreachable as error:
                log.warning("mails wait", mails=len(due) - position, detail=str(error))
                return list(due[position:])
        return []

    async def _send(self, due: Due, contact: Contact | None) -> None:
        """Raises Unreachable; everything else is noted."""
        ids = {"cococity.delivery_id": str(due.id), "cococity.channel": CHANNEL_MAIL}
        with continued(telemetry_names.DELIVERY_SPAN, due.traceparent, ids):
            try:
                if contact is None:
                    raise RefusedForGood("no-address")
                await self._relay.send(self._writer.compose(self._content(due, contact), contact.email))
            except RefusedForGood as refused:
                await self._finish(due, State.failed, reason=refused.reason)
            except RefusedForNow as refused:
                await self._refused_for_now(due, str(refused))
            except Unreachable:
                raise
            except Exception:
                # A mistake of ours in one mail must not hold up the others; it is tried again as long as
                # a refused one.
                log.exception("mail cannot be composed", delivery_id=str(due.id))
                await self._refused_for_now(due, "not composed")
            else:
                await self._finish(due, State.sent)

    def _content(self, due: Due, contact: Contact) -> Content:
        return notice(
            due.id,
            due.kind,
            due.data,
            language_or_default(due.language or contact.language),
            name=contact.name,
            token=due.unsubscribe_token,
            now=self._clock(),
        )

    async def _refused_for_now(self, due: Due, detail: str) -> None:
        since = due.refused_since or self._clock()
        if is_given_up(since, self._clock()):
            await self._finish(due, State.failed, reason="refused-too-long")
            return
        log.info("mail refused for now", delivery_id=str(due.id), attempts=due.attempts, detail=detail)
        await self._put_back(due, self._wait(due.attempts), refused_since=since)

    async def _put_back(self, due: Due, pause: timedelta, *, refused_since: datetime | None) -> None:
        async with self._database.transaction() as tx:
            await put_back(tx, due, self._clock() + pause, refused_since=refused_since)
        telemetry_names.DELIVERIES.labels(CHANNEL_MAIL, "put_back").inc()

    async def _finish(self, due: Due, state: State, *, reason: str | None = None) -> None:
        """Note the end of a delivery. The mail may be gone: a database that is away is waited for."""
        at = self._clock()
        while not await self._noted(due, state, at, reason):  # noqa: ASYNC110  it asks the database
            await asyncio.sleep(RETRY_NOTE_SECONDS)
        telemetry_names.DELIVERIES.labels(CHANNEL_MAIL, state.value).inc()
        log.info("mail settled", delivery_id=str(due.id), state=state.value, city_id=str(due.city_id))

    async def _noted(self, due: Due, state: State, at: datetime, reason: str | None) -> bool:
        try:
            async with self._database.transaction() as tx:
                if await settle(tx, due, state, at, reason=reason):
                    await _tell(tx, due, state, at, reason)
                else:
                    log.warning("delivery was settled by somebody else", delivery_id=str(due.id))
        except Exception as error:
            if not is_infrastructure_error(error) or self._clock() > at + LEASE:
                raise
            return False
        return True


async def _tell(tx: Transaction, due: Due, state: State, now: datetime, reason: str | None) -> None:
    merchant = due.recipient.merchant_id
    if merchant is None:  # a person has no name on the bus
        return
    if state is State.sent:
        notified = merchant_notified(
            city=due.city_id,
            merchant=merchant,
            delivery=due.id,
            notification=due.notification_id,
            kind=due.kind,
            channel=CHANNEL_MAIL,
            at=now,
        )
        await outbox.record(tx, notified)
    elif state is State.failed:
        failed = delivery_failed(
            city=due.city_id,
            merchant=merchant,
            delivery=due.id,
            notification=due.notification_id,
            channel=CHANNEL_MAIL,
            reason=reason or "unknown",
            at=now,
        )
        await outbox.record(tx, failed)
