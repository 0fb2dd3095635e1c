"""News from the directory."""

from collections.abc import Sequence

from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.envelope import Fact
from services.campaigns.places import projections


async def learn(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
    """Merge a batch into what is known of places."""
    await projections.learn(tx, (event.fact for event in events))


def places() -> Consumer:
    """Its inbox may forget: versions alone keep old news from overwriting newer."""
    return Consumer("campaigns__places", projections.FACTS, learn, horizon=None)
