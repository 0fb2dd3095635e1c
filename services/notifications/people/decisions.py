"""What was decided about a contribution is told to its author and to those who reported it.

Source of the rules: Regulation (EU) 2022/2065 (Digital Services Act), articles 16 (5), 17 and 20 (5): at
once, with the ground and the way to object. The full statement of reasons stays with campaigns, a link away.
"""

from __future__ import annotations

from uuid import UUID

from chassis.received import Received
from contracts.campaigns.moderation import ContributionHeld, ModerationDecided, ReportedContributionWithdrawn
from contracts.envelope import Fact
from services.notifications.addressing.unaddressed import Addressee, Unaddressed
from services.notifications.feed.wording import Kind
from services.notifications.people.domain import AUTHOR, REPORTER, WITHDRAWN


def told_of_decision(event: Received[Fact], fact: ModerationDecided) -> list[Unaddressed]:
    """To each side in its own words. Who reported their own contribution is told as its author."""
    reporters = [each for each in dict.fromkeys(fact.reporter_ids) if each != fact.contributor_id]
    return [
        _to(fact.contributor_id, AUTHOR, event, fact),
        *(_to(reporter, REPORTER, event, fact) for reporter in reporters),
    ]


def told_of_withdrawal(event: Received[Fact], fact: ReportedContributionWithdrawn) -> list[Unaddressed]:
    """To who reported it: the decision that they were promised will not come."""
    return [
        Unaddressed(
            city_id=fact.city_id,
            addressee=Addressee.contributor,
            addressee_id=reporter,
            kind="report-decided",
            reason=str(fact.case_id),
            data={
                "contribution_id": str(fact.contribution_id),
                "merchant_id": str(fact.merchant_id),
                "side": REPORTER,
                "outcome": WITHDRAWN,
                "events": [str(event.id)],
            },
            caused_at=event.time,
            traceparent=event.traceparent,
        )
        for reporter in dict.fromkeys(fact.reporter_ids)
    ]


def told_of_hold(event: Received[Fact], fact: ContributionHeld) -> Unaddressed:
    """To the author, why it is not public: article 17 makes no difference between for now and for good."""
    return Unaddressed(
        city_id=fact.city_id,
        addressee=Addressee.contributor,
        addressee_id=fact.contributor_id,
        kind="held",
        reason=f"{fact.contribution_id}:{fact.version}",
        data={
            "contribution_id": str(fact.contribution_id),
            "merchant_id": str(fact.merchant_id),
            "grounds": list(fact.reasons),
            "was_public": fact.version > 1,
            "events": [str(event.id)],
        },
        caused_at=event.time,
        traceparent=event.traceparent,
    )


def _to(contributor: UUID, side: str, event: Received[Fact], fact: ModerationDecided) -> Unaddressed:
    kind: Kind = "decision" if side == AUTHOR else "report-decided"
    return Unaddressed(
        city_id=fact.city_id,
        addressee=Addressee.contributor,
        addressee_id=contributor,
        kind="appeal-decided" if fact.appellant else kind,
        reason=str(fact.decision_id),
        data={
            "decision_id": str(fact.decision_id),
            "contribution_id": str(fact.contribution_id),
            "merchant_id": str(fact.merchant_id),
            "side": side,
            "appellant": fact.appellant,
            "outcome": fact.outcome,
            "ground": fact.ground,
            "events": [str(event.id)],
        },
        caused_at=event.time,
        traceparent=event.traceparent,
    )
