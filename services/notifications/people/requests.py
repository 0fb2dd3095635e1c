"""What shops ask a consultant for is told to the consultants of their city, once for each request."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.assessment.v1 import TrainingRequested
from contracts.envelope import Fact
from services.notifications.addressing.unaddressed import Addressee, Unaddressed, keep
from services.notifications.people.consumers import NEWS


def requests_consumer(clock: Clock) -> Consumer:
    """Which shop it is stays with the assessment: its call list says so to who may see it."""

    async def apply(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
        now = clock()
        asked = [(event, event.fact) for event in events if isinstance(event.fact, TrainingRequested)]
        await keep(tx, [_asked(event, fact) for event, fact in asked if event.time > now - NEWS], now)

    return Consumer("notifications__requests", (TrainingRequested,), apply, horizon=None)


def _asked(event: Received[Fact], fact: TrainingRequested) -> Unaddressed:
    return Unaddressed(
        city_id=fact.city_id,
        addressee=Addressee.consultant,
        addressee_id=fact.city_id,
        kind="request-waiting",
        reason=str(fact.request_id),
        data={
            "request_id": str(fact.request_id),
            "city_id": str(fact.city_id),
            "count": 1,
            "events": [str(event.id)],
        },
        caused_at=event.time,
        traceparent=event.traceparent,
    )
