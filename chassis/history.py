"""An owner's whole history, told again from its tables: what `republish` publishes (rule 7 of the design).

Each noun says beside its facts from which rows they can be told again; here they are merged by time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Executable, RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.envelope import Event, Fact

if TYPE_CHECKING:
    from chassis.replay import Facts

ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Source:
    """Rows of the owner's tables in the order of their events' times, and the event each was told as."""

    query: Executable
    event_of: Callable[[RowMapping], Event[Fact]]


def history(*sources: Source) -> Facts:
    """For `Service(republish=…)`. At the same time an earlier source goes first: what is undone, was done."""

    async def told(connection: AsyncConnection) -> AsyncIterator[Event[Fact]]:
        streams = [_events(connection, source) for source in sources]
        heads = [await anext(stream, None) for stream in streams]
        while any(heads):
            _, first = min((head.time, index) for index, head in enumerate(heads) if head is not None)
            event = heads[first]
            assert event is not None
            yield event
            heads[first] = await anext(streams[first], None)

    return told


async def _events(connection: AsyncConnection, source: Source) -> AsyncIterator[Event[Fact]]:
    # Through a server-side cursor: memory does not grow with the history.
    rows = await connection.stream(source.query, execution_options={"yield_per": ROWS_AT_ONCE})
    async for row in rows.mappings():
        yield source.event_of(row)
