"""The reaction's consumer: all that campaigns tell and merchants are told of."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.clock import Clock
from chassis.consumer import Consumer
from chassis.database import Transaction
from chassis.received import Received
from contracts.envelope import Fact
from services.notifications.campaigns import periods
from services.notifications.campaigns.ends import announce_ends
from services.notifications.contributions.facts import TYPES
from services.notifications.feed.notify import notify
from services.notifications.milestones.campaign_begins import announce_campaigns
from services.notifications.milestones.reaction import reach_milestones


def reactions(clock: Clock) -> Consumer:
    """Counts for itself, so that a rebuild of the audience touches nothing here."""

    async def apply(tx: Transaction, events: Sequence[Received[Fact]]) -> None:
        await periods.keep_periods(tx, events)
        notices = await reach_milestones(tx, events)
        notices += await announce_campaigns(tx, events, clock)
        notices += await announce_ends(tx, events, clock)
        # Once, for all of the batch: feeds are locked in key order over everything there is to tell.
        await notify(tx, notices)

    # No age to refuse: contributions, milestones and reasons to notify are each remembered for ever.
    return Consumer("notifications__reactions", (*TYPES, *periods.TYPES), apply, horizon=None)
