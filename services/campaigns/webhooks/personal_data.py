"""What webhooks know about people: which officer registered one; and figures of shops in what was told."""

from __future__ import annotations

from sqlalchemy import delete, text

from chassis.database import Transaction
from chassis.personal_data import Erasure, Holding, cut, nothing
from services.campaigns.webhooks.tables import webhook_endpoint, webhook_message


async def _forget_shops(tx: Transaction, asked: Erasure) -> None:
    """What was told of a shop that is erased is not told again. Who received it erases it by the contract."""
    if asked.closed_merchants:
        await tx.execute(_HOLD)
        gone = webhook_message.c.merchant_id.in_(asked.closed_merchants)
        await tx.execute(delete(webhook_message).where(gone))


# Waits for whoever queues now; whoever queues later waits for this, and finds the shop erased.
_HOLD = text("LOCK TABLE webhook_message IN SHARE ROW EXCLUSIVE MODE")
HOLDINGS = (
    cut(
        "webhooks registered",
        webhook_endpoint.c.made_by,
        webhook_endpoint.c.city_id,
        webhook_endpoint.c.url,
        webhook_endpoint.c.made_at,
    ),
    Holding("what cities' systems were told of shops", (), nothing, _forget_shops),
)
