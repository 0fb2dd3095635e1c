"""What grew before a merchant had an account is summed up in one notification when they claim it. Where an
account is disputed or changes hands later, that is said too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.database import Transaction
from chassis.received import Received
from contracts.directory.v1 import MerchantClaimDisputed
from contracts.envelope import Fact
from services.notifications.feed.notify import Notice
from services.notifications.merchants.claimed import claimed_among
from services.notifications.merchants.projection import Claim
from services.notifications.milestones.counts import totals
from services.notifications.recipients import to_merchant

NEWS = timedelta(days=30)
"""After that nobody is told that an account changed hands."""


async def welcome(tx: Transaction, claims: Sequence[Claim]) -> list[Notice]:
    """What merchants are told who have just claimed, where there is anything to tell."""
    first = [claim for claim in claims if claim.first]
    counted = await totals(tx, [claim.merchant_id for claim in first]) if first else {}
    return [
        Notice(
            city_id=claim.city_id,
            recipient=to_merchant(claim.merchant_id),
            kind="welcome",
            reason="claimed",
            data={"totals": counted[claim.merchant_id], "events": [str(claim.event_id)]},
            caused_at=claim.claimed_at,
            traceparent=claim.traceparent,
        )
        for claim in first
        if claim.merchant_id in counted
    ]


def account_changes(claims: Sequence[Claim], now: datetime) -> list[Notice]:
    """What is told, for safety, of an account that another person runs since."""
    return [
        Notice(
            city_id=claim.city_id,
            recipient=to_merchant(claim.merchant_id),
            kind="account-changed",
            reason=str(claim.event_id),
            data={"claimed_at": claim.claimed_at.isoformat(), "events": [str(claim.event_id)]},
            caused_at=claim.claimed_at,
            traceparent=claim.traceparent,
        )
        for claim in claims
        if not claim.first and claim.claimed_at > now - NEWS
    ]


async def disputes(tx: Transaction, events: Sequence[Received[Fact]], now: datetime) -> list[Notice]:
    """What is asked of merchants with an account that somebody else claims."""
    begun = [
        (event, event.fact)
        for event in events
        if isinstance(event.fact, MerchantClaimDisputed) and event.time > now - NEWS
    ]
    if not begun:
        return []
    claimed = await claimed_among(tx, {fact.merchant_id: fact.city_id for _, fact in begun})
    return [
        Notice(
            city_id=fact.city_id,
            recipient=to_merchant(fact.merchant_id),
            kind="claim-disputed",
            reason=str(fact.dispute_id),
            data={"dispute_id": str(fact.dispute_id), "events": [str(event.id)]},
            caused_at=event.time,
            traceparent=event.traceparent,
        )
        for event, fact in begun
        if fact.merchant_id in claimed
    ]
