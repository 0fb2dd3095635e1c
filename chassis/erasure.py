"""Forgets a person in one service, once told to, and tells when that is done.

A person who is being erased may be posting at the same moment, with a token that lasts for minutes more.
The erasure takes a lock of the person's own, and `may_still_write` (chassis/schema.py) takes it shared with
every creation: either what was created is found here and goes too, or it is refused. Who was erased is
remembered, so that nothing that comes late brings them back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, cast
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Uuid, bindparam, text

from chassis import outbox, replay
from chassis.clock import Clock, utc_now
from chassis.consumer import Consumer
from chassis.history import Source
from chassis.personal_data import Erasure, Holding
from chassis.received import Received
from contracts.envelope import Event, Fact

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from chassis.database import Transaction

ERASED = "erased"
"""Who decided about a dead letter, where that person was erased since."""

Done = Callable[[UUID], Fact]
"""The fact that this service's part of the erasure of this id is done."""


class Asked(Protocol):
    """The fact that somebody is to be forgotten, as far as it is needed here."""

    @property
    def erasure_id(self) -> UUID: ...
    @property
    def person_id(self) -> UUID: ...
    @property
    def closed_merchant_ids(self) -> tuple[UUID, ...]: ...
    @property
    def left_merchant_ids(self) -> tuple[UUID, ...]: ...


def consumer(
    service: str,
    asked: type[Fact],
    done: Done,
    holdings: Sequence[Holding],
    clock: Clock = utc_now,
    *,
    figures_on_bus: bool = False,
) -> Consumer:
    """Reads who is to be forgotten. However old or repeated, applied again it changes nothing.

    With `figures_on_bus`, what the service told of a closed shop is personal data: its part is done once
    the messages are out of the stream, which `chassis/erasure_on_bus.py` does and tells.
    """

    async def apply(tx: Transaction, events: Sequence[Received[Any]]) -> None:
        for event in sorted(events, key=lambda each: each.fact.person_id.bytes):
            erasure = _erasure_of(event, clock())
            on_bus = erasure.closed_merchants if figures_on_bus else ()
            await forget(tx, erasure, done, holdings, on_bus)
            await _forget_dead_letters(tx, erasure, teller=asked.TYPE.partition(".")[0])

    return Consumer(f"{service}__erasures", (asked,), apply, horizon=None, batch_size=20)


async def forget(
    tx: Transaction,
    erasure: Erasure,
    done: Done,
    holdings: Sequence[Holding],
    on_bus: Sequence[UUID] = (),
) -> None:
    """Erase the person here and record that it is done; again, with the same event, where it was before.

    With `on_bus`, shops whose messages are to leave the stream, it is not done yet, and these are noted.
    """
    await tx.execute(_LOCK, {"principal": str(erasure.person_id)})
    values = {"person": erasure.person_id, "erasure": erasure.id, "now": erasure.at}
    is_new = (await tx.execute(_REMEMBER, values)).rowcount > 0
    for holding in holdings:
        await holding.erase(tx, erasure)
    await tx.execute(_FORGET_ANSWERS, {"principal": str(erasure.person_id)})
    await tx.execute(_FORGET_DECISIONS, {"principal": str(erasure.person_id), "nobody": ERASED})
    if on_bus:
        await outbox.forget(tx, "merchant_id", on_bus)
        await tx.execute(_NOTE_ON_BUS, {"person": erasure.person_id, "merchants": list(on_bus)})
        return
    (at,) = (await tx.execute(_WHEN, {"person": erasure.person_id})).one()
    event = Event.of(done(erasure.id), at)
    await (outbox.record(tx, event) if is_new else replay.tell_again(tx, event))


async def _forget_dead_letters(tx: Transaction, erasure: Erasure, teller: str) -> None:
    """Delete what could not be applied and says something of the person, or of a shop closed with them.

    What the teller of erasures says stays: it has no figures, and it is how a service learns who is gone.
    """
    ids = [str(each).encode() for each in (erasure.person_id, *erasure.closed_merchants)]
    await tx.execute(_FORGET_LETTERS, {"ids": ids, "of_teller": f"{teller}.%"})


def history(done: Done) -> tuple[Source, ...]:
    """Every part of an erasure that this service has done, to be told again."""

    def event_of(row: RowMapping) -> Event[Fact]:
        return Event.of(done(row["erasure_id"]), row["erased_at"])

    return (Source(_DONE, event_of),)


def _erasure_of(event: Received[Any], now: datetime) -> Erasure:
    asked = cast("Asked", event.fact)
    return Erasure(
        asked.erasure_id,
        asked.person_id,
        event.time,
        now,
        asked.closed_merchant_ids,
        asked.left_merchant_ids,
    )


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:principal, 0))")
_REMEMBER = text("""
    INSERT INTO erased_person (person_id, erasure_id, erased_at) VALUES (:person, :erasure, :now)
    ON CONFLICT DO NOTHING
""").bindparams(bindparam("person", type_=Uuid), bindparam("erasure", type_=Uuid))
_WHEN = text("SELECT erased_at FROM erased_person WHERE person_id = :person").bindparams(
    bindparam("person", type_=Uuid)
)
_FORGET_ANSWERS = text("DELETE FROM idempotency WHERE principal = :principal")
_FORGET_DECISIONS = text("UPDATE dead_letter SET decided_by = :nobody WHERE decided_by = :principal")
_FORGET_LETTERS = text("""
    DELETE FROM dead_letter l USING unnest(:ids) AS gone (id)
     WHERE position(gone.id IN l.body) > 0 AND l.subject NOT LIKE :of_teller
""").bindparams(bindparam("ids", type_=ARRAY(LargeBinary)))
_NOTE_ON_BUS = text("UPDATE erased_person SET on_bus = :merchants WHERE person_id = :person").bindparams(
    bindparam("person", type_=Uuid), bindparam("merchants", type_=ARRAY(Uuid))
)
_DONE = text("SELECT erasure_id, erased_at FROM erased_person WHERE on_bus IS NULL ORDER BY erased_at")
