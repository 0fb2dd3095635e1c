"""What grew before a merchant had an account is summed up in one notification when they claim it."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.database import Transaction
from services.notifications.feed.notify import Notice, notify
from services.notifications.merchants.projection import Claim
from services.notifications.milestones.counts import totals
from services.notifications.recipients import to_merchant


async def welcome(tx: Transaction, claims: Sequence[Claim]) -> None:
    """Tell merchants who have just claimed, where there is anything to tell."""
    counted = await totals(tx, [claim.merchant_id for claim in claims])
    await notify(
        tx,
        [
            Notice(
                city_id=claim.city_id,
                recipient=to_merchant(claim.merchant_id),
                kind="welcome",
                reason="claimed",
                data={"totals": counted[claim.merchant_id]},
                caused_at=claim.claimed_at,
                traceparent=claim.traceparent,
            )
            for claim in claims
            if claim.merchant_id in counted
        ],
    )
