"""Reads the directory's events."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.directory.v1 import MerchantClaimed, MerchantClosed, MerchantListed, MerchantUpdated
from contracts.envelope import Fact
from services.notifications.merchants.projection import project
from services.notifications.milestones.welcome import welcome


def merchants_consumer() -> Consumer:
    """Keeps merchants, and welcomes those who claim."""

    async def apply(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
        await welcome(tx, await project(tx, events))

    return Consumer(
        "notifications__merchants",
        (MerchantListed, MerchantUpdated, MerchantClaimed, MerchantClosed),
        apply,
        horizon=None,  # the newest version wins, however old or repeated the news
    )
