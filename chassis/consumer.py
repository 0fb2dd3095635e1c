"""Applies messages in batches, each event once, without one bad message blocking or losing another.

Rules 5 and 6 of the design. The steps of a batch: read each message by itself; in one transaction claim
the event ids in the inbox and apply the new ones in key order; commit; acknowledge. What cannot be
applied is data (kept as a dead letter, then terminated) or infrastructure (redelivered later, for ever).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from chassis import crash_points, dead_letters, inbox
from chassis.clock import utc_now
from chassis.consumer_signals import BatchSignals
from chassis.database import is_infrastructure_error
from chassis.ids import time_of
from chassis.pause import Pause
from chassis.received import Message, Received, Unreadable, dead_letter_of, read
from contracts.envelope import Decoder, Fact
from contracts.streams import Durable, durable_for

if TYPE_CHECKING:
    from chassis.database import Database, Transaction

Apply = Callable[["Transaction", Sequence[Received[Any]]], Awaitable[None]]

Dead = tuple[Message, UUID | None, str]
"""A message that is given up, the id of its event where it could be read, and why."""

INBOX_HORIZON = timedelta(days=35)
CLOCK_TOLERANCE = timedelta(days=1)
"""An id from further in the future than this is a forged or broken one."""
REDELIVERY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

log = structlog.get_logger(__name__)


class Refused(Exception):
    """Raised by a handler to name the events it cannot apply, with the reason for each.

    They become dead letters; the rest of the batch is applied without them.
    """

    def __init__(self, reasons: Mapping[UUID, str]) -> None:
        super().__init__(f"{len(reasons)} events refused")
        self.reasons = dict(reasons)


class TryLater(Exception):
    """Raised by a handler that cannot work now (not the data's fault): the batch is delivered again."""


class Consumer:
    """One durable, the facts it reads, and what is done with them.

    `durable` is a name, `<service>__<purpose>`; what it lets through follows from `types`.
    `apply(tx, events)` is called inside the transaction with new events only, sorted by key, time and id.
    It must take row locks in that order, and must not mind any order of delivery between batches.
    `inbox_name` tells which deliveries are the same effect: a rebuild has a name of its own.
    `horizon` is None where the effect itself is remembered (a row for each thing counted, a version that
    wins): any message may come again, however old. Otherwise it is how far back the inbox remembers,
    INBOX_HORIZON at most, and what is older is set aside: such a consumer starts on new events alone
    (docs/decisions/0005).
    """

    def __init__(
        self,
        durable: str | Durable,
        types: Sequence[type[Fact]],
        apply: Apply,
        *,
        horizon: timedelta | Callable[[], timedelta | None] | None,
        inbox_name: str | Callable[[], str] | None = None,
        gate: Callable[[], Awaitable[None]] | None = None,
        batch_size: int = 500,
    ) -> None:
        self.durable = durable if isinstance(durable, Durable) else durable_for(durable, types)
        self.batch_size = batch_size
        self.gate = gate
        """Awaited before each fetch: returns when this consumer should work (a rebuild's slot may idle)."""
        self.idle = False
        """Waiting at its gate: nobody wants it to work, and its lag means nothing."""
        self._decoder = Decoder({fact.TYPE: fact for fact in types})
        self._apply = apply
        self._inbox_name = inbox_name or self.durable.name
        self._horizon = horizon
        self._database: Database | None = None
        self.pause = Pause(self.durable.name)
        self._signals = BatchSignals(self.durable.name)

    def bind(self, database: Database) -> None:
        """Give the consumer its service's database (done by the service that owns it)."""
        self._database = database
        self.pause.bind(database)

    @property
    def database(self) -> Database:
        """The bound database. Raises RuntimeError before `bind`."""
        if self._database is None:
            raise RuntimeError(f"{self.durable.name} has no database yet")
        return self._database

    @property
    def inbox_name(self) -> str:
        """Under which name applied events are remembered."""
        return self._inbox_name() if callable(self._inbox_name) else self._inbox_name

    @property
    def horizon(self) -> timedelta | None:
        """How far back the inbox remembers; None reads everything."""
        return self._horizon() if callable(self._horizon) else self._horizon

    async def wait_until_wanted(self) -> None:
        """Return when there is reason to fetch: not paused, and its gate open."""
        await self.pause.wait_until_resumed()
        if self.gate is not None:
            self.idle = True
            try:
                await self.gate()
            finally:  # a gate that cannot tell is no reason to hide the lag
                self.idle = False

    async def handle(self, messages: Sequence[Message]) -> None:
        """Apply a batch and settle every message of it. Raises nothing that concerns the data."""
        with self._signals.batch(messages):
            try:
                await self._handle(messages)
            except Exception as error:
                if not (isinstance(error, TryLater) or is_infrastructure_error(error)):
                    log.exception("batch failed as a whole", consumer=self.durable.name)
                self._signals.retried()
                await self._redeliver(messages, error)

    async def _handle(self, messages: Sequence[Message]) -> None:
        events, dead = self._read(messages)
        applied = await self._apply_isolating(events, dead)
        if self.pause.is_bad_deploy(dead=len(dead), total=len(messages)):
            await self.pause.begin(
                f"{len(dead)} of {len(messages)} messages could not be applied; last: {dead[-1][2]}"
            )
            await self._redeliver([message for message, _, _ in dead], None)
        else:
            await self._bury(dead)
        buried = {id(message) for message, _, _ in dead}
        crash_points.reached(crash_points.BEFORE_ACK)
        for message in messages:
            if id(message) not in buried:
                await message.ack()
        self._signals.applied(applied, claimed=len(events))

    def _read(self, messages: Sequence[Message]) -> tuple[list[Received[Fact]], list[Dead]]:
        events: dict[UUID, Received[Fact]] = {}
        dead: list[Dead] = []
        now = utc_now()
        for message in messages:
            found = read(message, self._decoder)
            if found is None:
                continue
            if isinstance(found, Unreadable):
                dead.append((message, None, found.error))
                continue
            recorded = time_of(found.id)
            if recorded > now + CLOCK_TOLERANCE:
                dead.append((message, found.id, f"its id is from the future: {recorded.isoformat()}"))
            elif self.horizon is not None and recorded < now - self.horizon:
                if found.replayed:
                    self._signals.old_replays(1)
                else:
                    dead.append(
                        (message, found.id, f"older than the inbox remembers: {recorded.isoformat()}")
                    )
            else:
                events[found.id] = found
        return sorted(events.values(), key=Received.order), dead

    async def _apply_isolating(self, events: list[Received[Fact]], dead: list[Dead]) -> list[Received[Fact]]:
        """Apply `events`; those that cannot be are moved to `dead`. Returns the newly applied ones.

        Raises infrastructure errors and TryLater.
        """
        if not events:
            return []
        try:
            return await self._apply_in_one_transaction(events)
        except Refused as refused:
            culprits = [event for event in events if event.id in refused.reasons]
            if not culprits:
                raise
            dead += [(event.message, event.id, f"refused: {refused.reasons[event.id]}") for event in culprits]
            rest = [event for event in events if event.id not in refused.reasons]
            return await self._apply_isolating(rest, dead)
        except Exception as error:
            if isinstance(error, TryLater) or is_infrastructure_error(error):
                raise
            if len(events) == 1:
                dead.append((events[0].message, events[0].id, f"{type(error).__name__}: {error}"))
                return []
            middle = len(events) // 2
            first = await self._apply_isolating(events[:middle], dead)
            return first + await self._apply_isolating(events[middle:], dead)

    async def _apply_in_one_transaction(self, events: Sequence[Received[Fact]]) -> list[Received[Fact]]:
        async with self.database.transaction() as tx:
            new_ids = await inbox.claim(tx, self.inbox_name, (event.id for event in events))
            new = [event for event in events if event.id in new_ids]
            if new:
                await self._apply(tx, new)
            crash_points.reached(crash_points.BEFORE_COMMIT)
        crash_points.reached(crash_points.AFTER_COMMIT)
        return new

    async def _bury(self, dead: Sequence[Dead]) -> None:
        """Keep what is given up; only then tell the bus not to deliver it again."""
        if not dead:
            return
        letters = [dead_letter_of(self.durable.name, message, event, error) for message, event, error in dead]
        async with self.database.transaction() as tx:
            await dead_letters.store(tx, letters)
        for message, event_id, error in dead:
            log.error("dead letter", consumer=self.durable.name, event_id=str(event_id), error=error[:300])
            await message.term()
        self._signals.died(len(dead))

    async def _redeliver(self, messages: Sequence[Message], error: Exception | None) -> None:
        if error is not None:
            log.warning(
                "batch is delivered again later",
                consumer=self.durable.name,
                messages=len(messages),
                error=type(error).__name__,
                detail=str(error)[:200],
            )
        for message in messages:
            attempt = min(message.metadata.num_delivered, len(REDELIVERY_SECONDS)) - 1
            try:
                await message.nak(delay=REDELIVERY_SECONDS[attempt])
            except Exception as lost:  # the server delivers it again after ack_wait
                log.info("could not tell the bus", error=type(lost).__name__)
        if error is not None:
            await asyncio.sleep(REDELIVERY_SECONDS[0])

    async def redrive(self, letter_id: UUID, by: str) -> bool:
        """Apply a dead letter after all: once, in one transaction with the decision.

        False where it was decided before. Raises what the handler raises; the letter then stays open.
        """
        try:
            async with self.database.transaction() as tx:
                letter = await dead_letters.lock_open(tx, letter_id)
                if letter is None:
                    return False
                event = self._decoder.decode(letter.body)
                if event is not None and await inbox.claim(tx, self.inbox_name, [event.id]):
                    again = Received(
                        id=event.id,
                        time=event.time,
                        fact=event.fact,
                        replayed=False,
                        traceparent=letter.headers.get("traceparent"),
                        message=None,  # type: ignore[arg-type]  # it did not come from the bus
                    )
                    await self._apply(tx, [again])
                return await dead_letters.decide(tx, letter_id, "redriven", by)
        except Exception as error:
            if not is_infrastructure_error(error):
                reason = error.reasons if isinstance(error, Refused) else error
                await dead_letters.note_failure(self.database, letter_id, f"{type(error).__name__}: {reason}")
            raise
