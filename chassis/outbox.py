"""Events are recorded in the transaction that makes them true; the relay publishes them afterwards.

Rules 2 and 3 of the design. `record` is the only way an event leaves a service.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, LargeBinary, String, Uuid, bindparam, text

from chassis.compiled import Compiled
from chassis.database import RECORDED
from chassis.telemetry import current_traceparent
from contracts.envelope import Event, Fact, encode
from contracts.streams import subject_of

if TYPE_CHECKING:
    from chassis.database import Database, Transaction

MAX_EVENT_BYTES = 900_000
"""NATS refuses messages above 1 MiB, headers included."""


class EventTooLarge(ValueError):
    """The event could never be published, so it is refused before it is stored."""


_COLUMNS = (
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("subjects", type_=ARRAY(String)),
    bindparam("bodies", type_=ARRAY(LargeBinary)),
    bindparam("traceparents", type_=ARRAY(String)),
)
_record = text("""
    INSERT INTO outbox (id, subject, body, traceparent)
    SELECT id, subject, body, traceparent
    FROM unnest(CAST(:ids AS uuid[]), CAST(:subjects AS text[]), CAST(:bodies AS bytea[]),
                CAST(:traceparents AS text[]))
         AS event (id, subject, body, traceparent)
""").bindparams(*_COLUMNS)
_RECORD = Compiled(_record)

# A fact whose row is still in the outbox is queued again; one whose row is gone is inserted again.
_RECORD_AGAIN = text("""
    INSERT INTO outbox (id, subject, body, traceparent, replayed)
    SELECT id, subject, body, traceparent, :replayed
    FROM unnest(CAST(:ids AS uuid[]), CAST(:subjects AS text[]), CAST(:bodies AS bytea[]),
                CAST(:traceparents AS text[]))
         AS event (id, subject, body, traceparent)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET published_at = NULL, replayed = true
    WHERE outbox.published_at IS NOT NULL
""").bindparams(*_COLUMNS, bindparam("replayed", type_=Boolean))


async def record(tx: Transaction, *events: Event[Fact], traceparent: str | None = None) -> None:
    """Store `events` in the open transaction, to be published once it commits.

    The trace is that of the current span, or `traceparent` where a batch handler acts for one of many.
    Raises EventTooLarge above MAX_EVENT_BYTES, before anything is stored.
    """
    if not events:
        return
    await record_traced(tx, [(event, traceparent) for event in events])


async def record_traced(tx: Transaction, traced: Sequence[tuple[Event[Fact], str | None]]) -> None:
    """`record` for a batch handler that acts for many: each event with its own trace, in one statement."""
    if not traced:
        return
    current = current_traceparent()
    events = [event for event, _ in traced]
    await _RECORD.rows(tx, _values(events, [traceparent or current for _, traceparent in traced]))
    tx.info[RECORDED] = True


async def record_again(tx: Transaction, events: Sequence[Event[Fact]]) -> None:
    """Queue facts of the past once more, under their own ids, marked as replayed (rule 7)."""
    if events:
        await tx.execute(_RECORD_AGAIN, _values(events, [None] * len(events)) | {"replayed": True})
        tx.info[RECORDED] = True


# Reads through what was sent in a month: for what happens seldom, in a service that tells little.
_FORGET = text("""
    DELETE FROM outbox
    WHERE CAST(:ids AS text[]) <> '{}'
      AND CAST(convert_from(body, 'UTF8') AS jsonb) #>> ARRAY['data', CAST(:field AS text)]
          = ANY(CAST(:ids AS text[]))
""")


async def forget(tx: Transaction, field: str, ids: Sequence[UUID]) -> None:
    """Delete the events whose `field` is one of `ids`: what was erased is not to be replayed."""
    await tx.execute(_FORGET, {"field": field, "ids": [str(each) for each in ids]})


def _values(events: Sequence[Event[Fact]], traceparents: Sequence[str | None]) -> dict[str, object]:
    bodies = [encode(event) for event in events]
    for event, body in zip(events, bodies, strict=True):
        if len(body) > MAX_EVENT_BYTES:
            raise EventTooLarge(f"{event.fact.TYPE} of {len(body)} bytes; the bus takes {MAX_EVENT_BYTES}")
    return {
        "ids": [event.id for event in events],
        "subjects": [subject_of(event) for event in events],
        "bodies": bodies,
        "traceparents": list(traceparents),
    }


_PUBLISHED = text("SELECT id, subject, traceparent, published_at FROM outbox WHERE id = :id").bindparams(
    bindparam("id", type_=Uuid)
)


async def find(database: Database, event_id: UUID) -> dict[str, Any] | None:
    """Its id, subject, traceparent and published_at, not what it says. None where it is not kept any more."""
    found = await database.read(_PUBLISHED, {"id": event_id})
    return dict(found[0]._mapping) if found else None
