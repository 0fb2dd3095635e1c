"""Fills the free slot from the start of the stream, beside the live one, and switches to it at lag 0.

Three steps, by an operator: `start_rebuild` empties the free slot and makes the workers fill it;
the command line, with the NATS user of the deploy step, sends its durable to the start of the stream;
`switch` makes the slot live once nothing is left to read. Until then nobody sees anything of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError
from sqlalchemy import text

from chassis.database import Database, Transaction
from services.notifications.audience.slots import Slot
from services.notifications.audience.state import AudienceState, read_state


class RebuildUnderWay(Exception):
    """One is under way already."""


class NotReady(Exception):
    """Switching now would lose something; the message says what is missing."""

    def __init__(self, missing: str, *, can_pass: bool = False) -> None:
        super().__init__(missing)
        self.can_pass = can_pass
        """Whether waiting a little may help: batches are under way."""


@dataclass(frozen=True)
class Lag:
    """How far a rebuild's durable is from the end of the stream."""

    from_the_start: bool
    """Whether the durable was created since the rebuild began, and has therefore read everything."""
    pending: int
    """Messages not delivered yet."""
    behind: int
    """How many of the stream's numbers it is short of what the live slot has finished."""

    @property
    def none(self) -> bool:
        """Whether a switch would take nobody back. What is under way just now is so for both slots."""
        return self.from_the_start and not self.pending and not self.behind


async def start_rebuild(database: Database, now: datetime) -> AudienceState:
    """`begin` in a transaction of its own."""
    async with database.transaction() as tx:
        return await begin(tx, now)


async def begin(tx: Transaction, now: datetime) -> AudienceState:
    """Empty the free slot and give it a new generation. Raises RebuildUnderWay."""
    state = await read_state(tx, lock=True)
    if state.rebuilding is not None:
        raise RebuildUnderWay
    free = state.live.other
    await tx.execute(text(f"TRUNCATE {free.contributions}, {free.visits}, {free.days}"))
    # After the TRUNCATE, which waits for workers that still fill the slot: what earlier generations
    # remember of it must not keep anybody from filling it again.
    await tx.execute(text("DELETE FROM inbox WHERE consumer LIKE :names"), {"names": f"audience_{free}#%"})
    await tx.execute(text(_START), {"now": now})
    return await read_state(tx)


async def abandon_rebuild(database: Database) -> AudienceState:
    """Give up what was being filled; the live slot is as it was. Does nothing where none is under way."""
    async with database.transaction() as tx:
        await read_state(tx, lock=True)
        await tx.execute(text(_ABANDON))
        return await read_state(tx)


async def lag(jetstream: JetStreamContext, state: AudienceState) -> Lag:
    """How far the rebuild is."""
    try:
        info = await _info(jetstream, _rebuilding(state))
    except NotFoundError:  # just being re-created
        return Lag(from_the_start=False, pending=0, behind=0)
    # Asked for second: the live slot may be credited with more than it had, the rebuild never is.
    live = await _info(jetstream, state.live)
    return Lag(
        from_the_start=state.rebuild_started_at is not None and info.created > state.rebuild_started_at,
        pending=info.num_pending or 0,
        behind=max(0, _finished(live) - _finished(info)),
    )


async def _info(jetstream: JetStreamContext, slot: Slot) -> ConsumerInfo:
    info: ConsumerInfo = await jetstream.consumer_info(slot.durable.stream, slot.durable.name)
    return info


def _finished(info: ConsumerInfo) -> int:
    """Up to which number of the stream everything is acknowledged."""
    return info.ack_floor.stream_seq if info.ack_floor else 0


async def switch(database: Database, jetstream: JetStreamContext, now: datetime) -> AudienceState:
    """Make the rebuilt slot the live one, in one transaction. Raises NotReady.

    What arrives between the look at the lag and the commit is read by the same durable afterwards.
    """
    async with database.transaction() as tx:
        state = await read_state(tx, lock=True)
        if state.rebuilding is None:
            raise NotReady("no rebuild is under way")
        found = await lag(jetstream, state)
        if not found.from_the_start:
            raise NotReady(f"{state.rebuilding.durable.name} was not sent to the start of its stream")
        if not found.none:
            missing = f"{found.pending} messages to read, {found.behind} behind the live slot"
            raise NotReady(missing, can_pass=True)
        await tx.execute(text(_SWITCH), {"slot": state.rebuilding.value, "now": now})
        return await read_state(tx)


def _rebuilding(state: AudienceState) -> Slot:
    if state.rebuilding is None:
        raise NotReady("no rebuild is under way")
    return state.rebuilding


_START = """
    UPDATE projection SET last_generation = last_generation + 1, rebuild_generation = last_generation + 1,
        rebuild_started_at = :now
    WHERE name = 'audience'
"""
_ABANDON = """
    UPDATE projection SET rebuild_generation = NULL, rebuild_started_at = NULL WHERE name = 'audience'
"""
_SWITCH = """
    UPDATE projection SET live_slot = :slot, live_generation = rebuild_generation, switched_at = :now,
        rebuild_generation = NULL, rebuild_started_at = NULL
    WHERE name = 'audience'
"""
