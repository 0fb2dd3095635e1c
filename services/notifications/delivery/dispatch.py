"""Sends what is due on one channel, for as long as the worker lives, and notes what became of it.

A mail is sent at least once. Between the relay's acceptance and our commit lies a moment in which a crash
means a second copy, under the same Message-ID; a mail that was not accepted is never noted as sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import random
from typing import Generic

import structlog

from chassis import telemetry_names
from chassis.breaker import Breaker
from chassis.clock import Clock
from chassis.crash_points import AFTER_CLAIM, reached
from chassis.database import Database
from chassis.smtp import POLL_SECONDS, RefusedForGood, RefusedForNow, Unreachable
from chassis.telemetry import continued, current_traceparent
from services.notifications.channels.channel import Channel, Suppressed, Target
from services.notifications.delivery.domain import LONGEST_OUTAGE_PAUSE, State, is_given_up, retry_after
from services.notifications.delivery.queue import BATCH, LEASE, Due, Ended, claim_due, put_back
from services.notifications.delivery.settling import Settling

ENOUGH_LEASE = timedelta(seconds=25)
"""With less left of a lease no further mail is begun: somebody else may already be about to claim it."""

log = structlog.get_logger(__name__)


def _retry_after(attempts: int) -> timedelta:
    return retry_after(attempts, random())  # noqa: S311  nobody gains by foreseeing it


class Dispatch(Generic[Target]):
    """The delivery job of one channel. Any number of them may run; each delivery is claimed by one."""

    def __init__(
        self,
        database: Database,
        channel: Channel[Target],
        *,
        clock: Clock,
        wait: Callable[[int], timedelta] = _retry_after,
    ) -> None:
        self._database = database
        self.channel = channel
        self._clock = clock
        self._wait = wait
        self._breaker = Breaker(clock)
        self._settling = Settling(database, clock)
        self._gate = asyncio.Semaphore(channel.at_once)
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop`; what is being sent then is finished first. May be run again after it died."""
        try:
            while not stop.is_set():
                if await self._take_up(stop):
                    await self._until_there_is_room()
                    continue
                if not self._under_way:
                    await self.channel.rest()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(stop.wait(), POLL_SECONDS)
        finally:
            await self._until_done()
            await self.channel.rest()

    async def send_batch(self, stop: asyncio.Event | None = None) -> int:
        """Send what is due now, some twenty at most; returns how many were taken up."""
        taken_up = await self._take_up(stop)
        await self._until_done()
        return taken_up

    async def _take_up(self, stop: asyncio.Event | None) -> int:
        """Begin what is due now; none while the provider is left alone, so that nothing is claimed in vain.

        So many go out side by side as the channel allows; what is not begun in time is put back.
        """
        allowed = self._breaker.allowance(BATCH)
        if not allowed:
            return 0
        claimed_at = self._clock()
        async with self._database.transaction() as tx:
            due = await claim_due(tx, claimed_at, self.channel.name, allowed)
        if due:
            reached(AFTER_CLAIM)
        try:
            targets = await self.channel.targets(due, claimed_at) if due else {}
        except Unreachable as error:
            await self._wait_for_provider(due, error)
            return len(due)
        for each in due:
            task = asyncio.create_task(self._in_turn(each, targets.get(each.id), claimed_at, stop))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(due)

    async def _until_there_is_room(self) -> None:
        """Return when nobody waits for a turn: one that hangs keeps its own, and the others go on."""
        while len(self._under_way) > self.channel.at_once:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def _until_done(self) -> None:
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _in_turn(
        self, due: Due, target: Target | None, claimed_at: datetime, stop: asyncio.Event | None
    ) -> None:
        async with self._gate:
            try:
                late = self._clock() > claimed_at + LEASE - ENOUGH_LEASE
                if due.is_over:
                    await self._finish(due, State.sent)
                elif late or self._breaker.is_open or (stop and stop.is_set()):
                    await self._put_back(due, timedelta(0), refused_since=due.refused_since)
                else:
                    await self._send(due, target)
            except Exception:  # its lease will end; it must not take the others with it
                log.exception("not settled", delivery_id=str(due.id), channel=self.channel.name)

    async def _send(self, due: Due, target: Target | None) -> None:
        ids = {"cococity.delivery_id": str(due.id), "cococity.channel": self.channel.name}
        with continued(telemetry_names.DELIVERY_SPAN, due.traceparent, ids):
            try:
                if target is None:
                    raise RefusedForGood("no-address")
                await self.channel.send(due, target, self._clock())
            except Unreachable as error:
                await self._wait_for_provider([due], error)
                return
            except RefusedForGood as refused:
                await self._finish(due, State.failed_for_good, reason=refused.reason)
            except Suppressed as reason:
                await self._finish(due, State.suppressed, reason=str(reason))
            except RefusedForNow as refused:
                await self._refused_for_now(due, str(refused), refused.wait)
            except Exception:
                # A mistake of ours in one of them must not hold up the others; it is tried again as long as
                # a refused one.
                log.exception("not composed", delivery_id=str(due.id), channel=self.channel.name)
                await self._refused_for_now(due, "not composed")
            else:
                await self._finish(due, State.sent)
            if target is not None:
                self._breaker.worked()

    async def _wait_for_provider(self, due: Sequence[Due], error: Unreachable) -> None:
        """Nobody's fault, or that of one that no provider can take: these wait, without a limit."""
        self._breaker.failed()
        log.warning("mails wait", mails=len(due), channel=self.channel.name, detail=str(error))
        for each in due:
            pause = min(self._wait(each.attempts), LONGEST_OUTAGE_PAUSE)
            await self._put_back(each, pause, refused_since=each.refused_since)

    async def _refused_for_now(self, due: Due, detail: str, wait: timedelta = timedelta(0)) -> None:
        since = due.refused_since or self._clock()
        if is_given_up(since, self._clock()):
            await self._finish(due, State.failed_for_good, reason="refused-too-long")
            return
        log.info("refused for now", delivery_id=str(due.id), attempts=due.attempts, detail=detail)
        await self._put_back(due, max(self._wait(due.attempts), wait), refused_since=since)

    async def _put_back(self, due: Due, pause: timedelta, *, refused_since: datetime | None) -> None:
        async with self._database.transaction() as tx:
            await put_back(tx, due, self._clock() + pause, refused_since=refused_since)
        telemetry_names.DELIVERIES.labels(self.channel.name, "put_back").inc()

    async def _finish(self, due: Due, state: State, *, reason: str | None = None) -> None:
        """Note the end of a delivery, and tell it."""
        await self._settling.note(Ended(due, state, self._clock(), reason, current_traceparent()))
        telemetry_names.DELIVERIES.labels(self.channel.name, state.value).inc()
        log.info(
            "mail settled",
            delivery_id=str(due.id),
            channel=self.channel.name,
            state=state.value,
            city_id=str(due.city_id),
        )
