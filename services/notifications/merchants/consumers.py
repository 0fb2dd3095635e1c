"""Reads the directory's events."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.directory.v1 import (
    MerchantClaimDisputed,
    MerchantClaimed,
    MerchantClosed,
    MerchantListed,
    MerchantUpdated,
)
from contracts.envelope import Fact
from services.notifications.delivery.preferences import end_agreements
from services.notifications.feed.notify import notify
from services.notifications.merchants.projection import project
from services.notifications.milestones.welcome import account_changes, disputes, welcome


def merchants_consumer(clock: Clock) -> Consumer:
    """Keeps merchants, welcomes those who claim, and says where an account changes hands.

    Who agreed to mails runs the shop no more then, and cannot agree for whoever does.
    """

    async def apply(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
        claims = await project(tx, events)
        await end_agreements(tx, {each.merchant_id: each.claimed_at for each in claims if not each.first})
        now = clock()
        notices = await welcome(tx, claims)
        notices += account_changes(claims, now)
        await notify(tx, [*notices, *await disputes(tx, events, now)])

    return Consumer(
        "notifications__merchants",
        (MerchantListed, MerchantUpdated, MerchantClaimed, MerchantClaimDisputed, MerchantClosed),
        apply,
        horizon=None,  # the newest version wins, however old or repeated the news
    )
