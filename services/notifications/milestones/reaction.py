"""A growing audience becomes milestones, and milestones of claimed merchants become notifications.

Outward effects live here, and only here are they caused: the audience that people look at can be rebuilt
without anybody being told again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import deterministic_id
from chassis.received import Received
from contracts.envelope import Event, Fact
from contracts.notifications.v1 import AudienceMilestoneReached
from services.notifications.contributions.domain import PHOTO, REVIEW
from services.notifications.contributions.facts import contributions_in
from services.notifications.feed.notify import Notice
from services.notifications.merchants.claimed import claimed_among
from services.notifications.milestones.counts import Count, count
from services.notifications.milestones.domain import crossed
from services.notifications.recipients import to_merchant


class Cause(NamedTuple):
    """The newest event about a merchant in a batch: when a milestone was reached, and in which trace."""

    time: datetime
    traceparent: str | None
    event_id: UUID


class Milestone(NamedTuple):
    """A threshold reached for the first time."""

    id: UUID
    city_id: UUID
    merchant_id: UUID
    kind: str
    threshold: int
    reached_at: datetime
    amount: int
    traceparent: str | None
    event_id: UUID | None
    """Of the newest event about the merchant in the batch that reached it."""


async def reach_milestones(tx: Transaction, events: Sequence[Received[Fact]]) -> list[Notice]:
    """Count a batch and keep the milestones it reaches; returns what merchants with an account are told.

    For a merchant without one a milestone is kept, not told: it is summed up when they claim.
    """
    causes = {event.fact.key(): Cause(event.time, event.traceparent, event.id) for event in events}
    reached = await _keep(tx, _milestones(await count(tx, contributions_in(events)), causes))
    if not reached:
        return []
    await outbox.record_traced(tx, [(event_of(each), each.traceparent) for each in reached])
    claimed = await claimed_among(tx, {each.merchant_id: each.city_id for each in reached})
    return [_notice(each) for each in _highest(reached) if each.merchant_id in claimed]


def event_of(milestone: Milestone) -> Event[AudienceMilestoneReached]:
    """What the world is told of a milestone."""
    fact = AudienceMilestoneReached(
        city_id=milestone.city_id,
        milestone_id=milestone.id,
        merchant_id=milestone.merchant_id,
        kind=milestone.kind,
        threshold=milestone.threshold,
        reached_at=milestone.reached_at,
    )
    return Event.of(fact, milestone.reached_at)


_REACHED = text("""
    SELECT id, city_id, merchant_id, kind, threshold, reached_at,
           0 AS amount, NULL AS traceparent, NULL AS event_id
    FROM milestone ORDER BY reached_at, id
""")
HISTORY = (Source(_REACHED, lambda row: event_of(Milestone(**row))),)


def _milestones(counts: Sequence[Count], causes: Mapping[UUID, Cause]) -> list[Milestone]:
    return [
        Milestone(
            deterministic_id(cause.time, "milestone", each.merchant_id, each.kind, threshold),
            each.city_id,
            each.merchant_id,
            each.kind,
            threshold,
            cause.time,
            each.after,
            cause.traceparent,
            cause.event_id,
        )
        for each in counts
        for cause in (causes[each.merchant_id],)
        for threshold in crossed(each.before, each.after)
    ]


async def _keep(tx: Transaction, milestones: Sequence[Milestone]) -> list[Milestone]:
    """Those that were never reached before."""
    if not milestones:
        return []
    columns = {
        "ids": [each.id for each in milestones],
        "cities": [each.city_id for each in milestones],
        "merchants": [each.merchant_id for each in milestones],
        "kinds": [each.kind for each in milestones],
        "thresholds": [each.threshold for each in milestones],
        "times": [each.reached_at for each in milestones],
    }
    new = set((await tx.execute(_KEEP, columns)).scalars())
    return [each for each in milestones if each.id in new]


def _highest(milestones: Sequence[Milestone]) -> list[Milestone]:
    """One per merchant and kind: a merchant who leaps over three thresholds is told of the last."""
    highest = {(each.merchant_id, each.kind): each for each in milestones}
    return list(highest.values())


def _notice(milestone: Milestone) -> Notice:
    is_first = milestone.threshold == 1 and milestone.kind in {REVIEW, PHOTO}
    return Notice(
        city_id=milestone.city_id,
        recipient=to_merchant(milestone.merchant_id),
        kind="first" if is_first else "milestone",
        reason=f"{milestone.kind}:{milestone.threshold}",
        data={
            "kind": milestone.kind,
            "threshold": milestone.threshold,
            "count": milestone.amount,
            "events": [str(milestone.event_id)],
        },
        caused_at=milestone.reached_at,
        traceparent=milestone.traceparent,
    )


_KEEP = text("""
    INSERT INTO milestone (id, city_id, merchant_id, kind, threshold, reached_at)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:cities AS uuid[]), CAST(:merchants AS uuid[]),
                         CAST(:kinds AS text[]), CAST(:thresholds AS integer[]),
                         CAST(:times AS timestamptz[]))
    ON CONFLICT (merchant_id, kind, threshold) DO NOTHING
    RETURNING id
""")
