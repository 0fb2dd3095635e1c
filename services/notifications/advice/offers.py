"""What the assessment offers a merchant, told once: a seat, a place in a coaching group, a new look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.assessment.v1 import CoachingSeatOffered, ReassessmentDue, SessionSeatGiven
from contracts.envelope import Fact
from services.notifications.feed.notify import Notice, notify
from services.notifications.feed.wording import Kind
from services.notifications.merchants.claimed import claimed_among
from services.notifications.recipients import to_merchant

NEWS = timedelta(days=30)
"""After that nobody is told that it is time for another look."""


class _Offer(NamedTuple):
    kind: Kind
    reason: str
    data: dict[str, Any]
    until: datetime
    """From then on it is old news."""


def offers_consumer(clock: Clock) -> Consumer:
    """Tells merchants with an account."""

    async def apply(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
        now = clock()
        offers = [(event, offer) for event in events for offer in _offers(event) if offer.until > now]
        merchants = {event.fact.key(): event.fact.city_id for event, _ in offers}
        claimed = await claimed_among(tx, merchants) if merchants else set()
        await notify(
            tx,
            [
                Notice(
                    city_id=event.fact.city_id,
                    recipient=to_merchant(event.fact.key()),
                    kind=offer.kind,
                    reason=offer.reason,
                    data=offer.data | {"events": [str(event.id)]},
                    caused_at=event.time,
                    traceparent=event.traceparent,
                )
                for event, offer in offers
                if event.fact.key() in claimed
            ],
        )

    # Each is told once for ever, under its own id.
    types = (CoachingSeatOffered, SessionSeatGiven, ReassessmentDue)
    return Consumer("notifications__offers", types, apply, horizon=None)


def _offers(event: Received[Fact]) -> list[_Offer]:
    match event.fact:
        case CoachingSeatOffered() as fact:
            data = {"offer_id": str(fact.offer_id), "expires_at": fact.expires_at.isoformat()}
            return [_Offer("coaching-offered", str(fact.offer_id), data, fact.expires_at)]
        case SessionSeatGiven() as fact:
            data = {"session_id": str(fact.session_id), "starts_at": fact.starts_at.isoformat()}
            return [_Offer("seat-given", str(fact.registration_id), data, fact.starts_at)]
        case ReassessmentDue() as fact:
            data = {"assessment_id": str(fact.assessment_id), "assessed_at": fact.assessed_at.isoformat()}
            return [_Offer("reassessment-due", str(fact.assessment_id), data, event.time + NEWS)]
        case _:
            return []
