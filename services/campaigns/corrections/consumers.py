"""News from the directory: corrections that were accepted, or reverted after that."""

from collections.abc import Callable, Sequence
from datetime import datetime

from chassis.clock import whole_milliseconds
from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.directory.v1 import MerchantCorrectionAccepted
from services.campaigns.corrections import use_cases


def accepted(clock: Callable[[], datetime]) -> Consumer:
    """Its inbox may forget: versions keep old news from overwriting newer."""

    async def learn(tx: Transaction, events: Sequence[Received[MerchantCorrectionAccepted]]) -> None:
        await use_cases.learn(tx, [event.fact for event in events], whole_milliseconds(clock()))

    return Consumer("campaigns__corrections", (MerchantCorrectionAccepted,), learn, horizon=None)
