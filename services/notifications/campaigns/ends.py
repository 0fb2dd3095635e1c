"""The end of a campaign is told to every merchant with an account where it ran, once, with its results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from chassis.clock import Clock
from chassis.database import Transaction
from chassis.received import Received
from contracts.campaigns.v1 import CampaignEnded, CampaignStarted
from contracts.envelope import Fact
from services.notifications.campaigns.periods import AREA
from services.notifications.feed.notify import Notice
from services.notifications.merchants.claimed import ACTIVE
from services.notifications.recipients import to_merchant

NEWS = timedelta(days=14)
"""After that the end of a campaign is no news: a stream that is read again tells nobody."""


async def announce_ends(tx: Transaction, events: Sequence[Received[Fact]], clock: Clock) -> list[Notice]:
    """What merchants are told of the campaigns among `events` that are over, whose periods are kept already.

    Counted from what the reaction itself has counted, in the days it ran.
    """
    causes = {
        event.fact.campaign_id: event
        for event in events
        if isinstance(event.fact, CampaignStarted | CampaignEnded)
    }
    if not causes:
        return []
    columns = {"campaigns": sorted(causes), "since": clock() - NEWS}
    notices: list[Notice] = []
    for campaign, ended_at in (await tx.execute(_OVER, columns)).all():
        shops = (await tx.execute(_RESULTS, {"campaign": campaign})).all()
        around = sum(amount for *_, amount in shops)
        reached = sum(amount > 0 for *_, amount in shops)
        cause: Received[Fact] = causes[campaign]
        notices += [
            Notice(
                city_id=city,
                recipient=to_merchant(merchant),
                kind="campaign-ends",
                reason=str(campaign),
                data={
                    "campaign_id": str(campaign),
                    "ended_at": ended_at.isoformat(),
                    "own": amount,
                    "around": around,
                    "shops": reached,
                    "events": [str(cause.id)],
                },
                caused_at=cause.time,
                traceparent=cause.traceparent,
            )
            for merchant, city, has_account, amount in shops
            if has_account
        ]
    return notices


_OVER = text("""
    SELECT campaign_id, ended_at FROM campaign
    WHERE campaign_id = ANY(CAST(:campaigns AS uuid[])) AND ended_at > :since AND city_ids IS NOT NULL
    ORDER BY campaign_id
""")
_RESULTS = text(f"""
    SELECT merchant.merchant_id, merchant.city_id, {ACTIVE}, count(done.contribution_id)
    FROM campaign JOIN merchant ON {AREA}
    LEFT JOIN milestone_contribution AS done
        ON done.merchant_id = merchant.merchant_id AND done.kind <> 'follow'
       AND NOT done.withdrawn AND NOT done.removed
       AND done.day BETWEEN CAST(campaign.starts_at AT TIME ZONE 'Europe/Brussels' AS date)
                        AND CAST(campaign.ended_at AT TIME ZONE 'Europe/Brussels' AS date)
    WHERE campaign.campaign_id = :campaign
    GROUP BY merchant.merchant_id
    ORDER BY merchant.merchant_id
""")  # noqa: S608  constants
