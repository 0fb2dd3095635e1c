"""Reads contributions from the events of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.consumer import Refused
from chassis.received import Received
from contracts.campaigns.v1 import AmbassadorReviewPosted, AmbassadorShared, ContributionWithdrawn
from contracts.envelope import Fact
from services.notifications.contributions.domain import (
    KIND_PATTERN,
    REVIEW,
    SHARE,
    Contribution,
    gather,
    local_day,
)

POSTED: dict[type[Fact], str] = {AmbassadorReviewPosted: REVIEW, AmbassadorShared: SHARE}
"""Kind of contribution by the event that posts it."""
TYPES: tuple[type[Fact], ...] = (*POSTED, ContributionWithdrawn)


def contributions_in(events: Sequence[Received[Fact]]) -> list[Contribution]:
    """What `events` tell of contributions, merged, in key order; other events are passed over.

    Raises Refused naming every event whose kind is no kind.
    """
    seen: list[Contribution] = []
    unfit: dict[UUID, str] = {}
    for event in events:
        fact = event.fact
        if isinstance(fact, AmbassadorReviewPosted | AmbassadorShared):
            kind = POSTED[type(fact)]
            day = local_day(event.time)
            seen.append(
                Contribution(fact.merchant_id, fact.contribution_id, fact.city_id, kind, day, withdrawn=False)
            )
        elif isinstance(fact, ContributionWithdrawn):
            if KIND_PATTERN.fullmatch(fact.kind):
                seen.append(
                    Contribution(
                        fact.merchant_id, fact.contribution_id, fact.city_id, fact.kind, None, withdrawn=True
                    )
                )
            else:
                unfit[event.id] = "kind is not a lower-case word"
    if unfit:
        raise Refused(unfit)
    return gather(seen)
