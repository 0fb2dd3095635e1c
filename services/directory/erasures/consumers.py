"""Which owners have forgotten whom."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.assessment import v1 as assessment
from contracts.campaigns import v1 as campaigns
from contracts.notifications import v1 as notifications
from services.directory.erasures import storage

Done = assessment.PersonalDataErased | campaigns.PersonalDataErased | notifications.PersonalDataErased
OTHERS: dict[str, type[Done]] = {
    "assessment": assessment.PersonalDataErased,
    "campaigns": campaigns.PersonalDataErased,
    "notifications": notifications.PersonalDataErased,
}
OWNERS = ("directory", *OTHERS)
"""An erasure is complete when all of these have done their part."""


def progress_consumers() -> list[Consumer]:
    """One for each other owner, because each tells it in a stream of its own."""
    return [_consumer(owner, fact) for owner, fact in OTHERS.items()]


def _consumer(owner: str, fact: type[Done]) -> Consumer:
    async def apply(tx: Transaction, events: Sequence[Received[Done]]) -> None:
        await storage.add_parts(tx, owner, [(event.fact.erasure_id, event.time) for event in events])

    return Consumer(f"directory__erased_by_{owner}", (fact,), apply, horizon=None)
