"""Reads what campaigns tell of single people and what they wrote: for authors, reporters, officers, shops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.campaigns.moderation import (
    ContributionHeld,
    ContributionReported,
    ModerationDecided,
    ModerationQueueWaited,
    ReportedContributionWithdrawn,
)
from contracts.campaigns.photos import ReusedPhotoTakenBack
from contracts.campaigns.v1 import (
    AmbassadorWeekCounted,
    GoalReached,
    MerchantAnswered,
    MerchantAnswerRemoved,
)
from contracts.envelope import Fact
from services.notifications.addressing.unaddressed import Addressee, Unaddressed, keep
from services.notifications.feed.notify import notify
from services.notifications.people.answered import keep_answers
from services.notifications.people.decisions import (
    told_of_decision,
    told_of_hold,
    told_of_withdrawal,
)
from services.notifications.people.reported import told_to_shops

NEWS = timedelta(days=30)
"""After that nobody is told any more: a stream that is read again brings years."""


def people_consumer(clock: Clock) -> Consumer:
    """Tells shops, and keeps what others are to be told until it is known who is behind each pseudonym."""

    async def apply(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
        now = clock()
        await keep_answers(tx, events)
        fresh = [event for event in events if event.time > now - NEWS]
        await keep(tx, [news for event in fresh for news in _told(event)], now)
        await notify(tx, await told_to_shops(tx, fresh))

    # Each is told once for ever, under its own id.
    types = (
        ContributionHeld,
        ContributionReported,
        ReportedContributionWithdrawn,
        ModerationDecided,
        MerchantAnswered,
        MerchantAnswerRemoved,
        GoalReached,
        ModerationQueueWaited,
        AmbassadorWeekCounted,
        ReusedPhotoTakenBack,
    )
    return Consumer("notifications__people", types, apply, horizon=None)


def _told(event: Received[Fact]) -> list[Unaddressed]:
    match event.fact:
        case ContributionHeld() as fact:
            return [told_of_hold(event, fact)]
        case ModerationDecided() as fact:
            return told_of_decision(event, fact)
        case ReportedContributionWithdrawn() as fact:
            return told_of_withdrawal(event, fact)
        case MerchantAnswered() as fact:
            return [
                Unaddressed(
                    city_id=fact.city_id,
                    addressee=Addressee.contributor,
                    addressee_id=fact.contributor_id,
                    kind="review-answered",
                    reason=str(fact.answer_id),
                    data={
                        "contribution_id": str(fact.contribution_id),
                        "merchant_id": str(fact.merchant_id),
                        "events": [str(event.id)],
                    },
                    caused_at=event.time,
                    traceparent=event.traceparent,
                )
            ]
        case GoalReached() as fact:
            return [
                Unaddressed(
                    city_id=fact.city_id,
                    addressee=Addressee.city_officer,
                    addressee_id=fact.city_id,
                    kind="goal-reached",
                    reason=str(fact.goal_id),
                    data={
                        "campaign_id": str(fact.campaign_id),
                        "figure": fact.figure,
                        "target": fact.target,
                        "events": [str(event.id)],
                    },
                    caused_at=event.time,
                    traceparent=event.traceparent,
                )
            ]
        case AmbassadorWeekCounted() as fact:
            return [_thanked(event, fact)]
        case ModerationQueueWaited() as fact:
            return [_queue_waiting(event, fact), *_appeals_waiting(event, fact)]
        case _:
            return []


def _queue_waiting(event: Received[Fact], fact: ModerationQueueWaited) -> Unaddressed:
    return Unaddressed(
        city_id=fact.city_id,
        addressee=Addressee.city_officer,
        addressee_id=fact.city_id,
        kind="queue-waiting",
        reason=f"{fact.city_id}:{fact.day}",  # who works for two cities is told of both
        data={
            "city_id": str(fact.city_id),
            "held": fact.held,
            "reported": fact.reported,
            "appeals": fact.appeals,
            "overdue": fact.overdue,
            "oldest_since": fact.oldest_since.isoformat(),
            "events": [str(event.id)],
        },
        caused_at=event.time,
        traceparent=event.traceparent,
    )


def _appeals_waiting(event: Received[Fact], fact: ModerationQueueWaited) -> list[Unaddressed]:
    """To the officers of the city that was named to decide appeals; they see nothing else of the queue."""
    if fact.deputy_city_id is None or fact.oldest_appeal_since is None:
        return []
    return [
        Unaddressed(
            city_id=fact.city_id,
            addressee=Addressee.city_officer,
            addressee_id=fact.deputy_city_id,
            kind="queue-waiting",
            reason=f"{fact.city_id}:{fact.day}:deputy",  # beside what an officer of both is told of the queue
            data={
                "city_id": str(fact.city_id),
                "deputy_city_id": str(fact.deputy_city_id),
                "appeals": fact.appeals,
                "oldest_since": fact.oldest_appeal_since.isoformat(),
                "events": [str(event.id)],
            },
            caused_at=event.time,
            traceparent=event.traceparent,
        )
    ]


def _thanked(event: Received[Fact], fact: AmbassadorWeekCounted) -> Unaddressed:
    return Unaddressed(
        city_id=fact.city_id,
        addressee=Addressee.contributor,
        addressee_id=fact.contributor_id,
        kind="thanks",
        reason=f"{fact.city_id}:{fact.week}",
        data={
            "week": fact.week.isoformat(),
            "contributions": fact.contributions,
            "answers": fact.answers,
            "visits": fact.visits,
            "claims": fact.claims,
            "photos_reused": fact.photos_reused,
            "events": [str(event.id)],
        },
        caused_at=event.time,
        traceparent=event.traceparent,
    )
