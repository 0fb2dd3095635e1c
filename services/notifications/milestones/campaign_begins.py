"""A campaign that starts is told to every claimed merchant in its area, once."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.clock import Clock
from chassis.database import Transaction
from chassis.received import Received
from contracts.campaigns.v1 import CampaignStarted
from contracts.envelope import Fact
from services.notifications.feed.notify import Notice
from services.notifications.merchants.claimed import claimed_in_area
from services.notifications.recipients import to_merchant


async def announce_campaigns(tx: Transaction, events: Sequence[Received[Fact]], clock: Clock) -> list[Notice]:
    """What merchants are told of the campaigns among `events` that still run: one read late is old news."""
    return [
        Notice(
            city_id=city,
            recipient=to_merchant(merchant),
            kind="campaign-begins",
            reason=str(fact.campaign_id),
            data={
                "campaign_id": str(fact.campaign_id),
                "ends_at": fact.ends_at.isoformat(),
                "events": [str(event.id)],
            },
            caused_at=event.time,
            traceparent=event.traceparent,
        )
        for event in events
        for fact in (event.fact,)
        if isinstance(fact, CampaignStarted) and fact.ends_at > clock()
        for city in (fact.city_id, *fact.city_ids)
        for merchant in await claimed_in_area(tx, city, fact.district_ids, fact.kinds, fact.merchant_ids)
    ]
