"""A shop is told that something about it was reported, and what was decided: not by whom; and that photos
which it uses are gone.

What the screening held, and nobody reported, is between its author and the town.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.database import Transaction
from chassis.received import Received
from contracts.campaigns.moderation import (
    ContributionReported,
    ModerationDecided,
    ReportedContributionWithdrawn,
)
from contracts.campaigns.photos import ReusedPhotoTakenBack
from contracts.envelope import Fact
from services.notifications.feed.notify import Notice
from services.notifications.merchants.claimed import claimed_among
from services.notifications.merchants.erased import erased_among
from services.notifications.people.domain import WITHDRAWN
from services.notifications.recipients import to_merchant


async def told_to_shops(tx: Transaction, events: Sequence[Received[Fact]]) -> list[Notice]:
    """What shops with an account are told of `events`."""
    notices = [notice for event in events for notice in _notices(event)]
    if not notices:
        return []
    cities = {each.recipient.id: each.city_id for each in notices}
    gone = await erased_among(tx, list(cities))
    claimed = await claimed_among(tx, {shop: city for shop, city in cities.items() if shop not in gone})
    return [each for each in notices if each.recipient.id in claimed]


def _notices(event: Received[Fact]) -> list[Notice]:
    match event.fact:
        case ContributionReported() as fact:
            return [_notice(event, fact, f"case:{fact.case_id}", outcome=None)]
        case ReportedContributionWithdrawn() as fact:
            return [_notice(event, fact, f"withdrawn:{fact.case_id}", outcome=WITHDRAWN)]
        case ModerationDecided(reported=True) as fact:
            came = {"outcome": fact.outcome, "ground": fact.ground, "on_appeal": fact.appellant is not None}
            return [_notice(event, fact, f"decision:{fact.decision_id}", **came)]
        case ReusedPhotoTakenBack() as fact:
            return [_photo_taken_back(event, fact)]
        case _:
            return []


def _photo_taken_back(event: Received[Fact], fact: ReusedPhotoTakenBack) -> Notice:
    return Notice(
        city_id=fact.city_id,
        recipient=to_merchant(fact.merchant_id),
        kind="photo-taken-back",
        reason=str(fact.contribution_id),
        data={
            "merchant_id": str(fact.merchant_id),
            "posted_on": fact.posted_on.isoformat(),
            "events": [str(event.id)],
        },
        caused_at=event.time,
        traceparent=event.traceparent,
    )


def _notice(
    event: Received[Fact],
    fact: ContributionReported | ReportedContributionWithdrawn | ModerationDecided,
    reason: str,
    **came: Any,
) -> Notice:
    return Notice(
        city_id=fact.city_id,
        recipient=to_merchant(fact.merchant_id),
        kind="contribution-reported",
        reason=reason,
        data={
            "contribution_id": str(fact.contribution_id),
            "merchant_id": str(fact.merchant_id),
            "kind": fact.kind,
            **came,
            "events": [str(event.id)],
        },
        caused_at=event.time,
        traceparent=event.traceparent,
    )
