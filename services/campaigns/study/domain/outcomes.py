"""What may be called an effect of a campaign: only what shops outside of it can have just as well. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from services.campaigns.policy.domain import Action, Ask, Platform


class Fact(StrEnum):
    """What is counted of shops from events, campaign or not."""

    CLAIM = "claim"
    ASSESSMENT = "assessment"
    TRAINING_REQUEST = "training-request"
    TOLD = "told"
    """Its people were told that an audience grows: no outcome, for it follows from contributions."""
    OPENED = "opened"
    """Its people opened what they were told: no outcome either."""
    TRAINED = "trained"
    """It came to a training. Consultants invite to it, so it is no outcome."""


class Outcome(StrEnum):
    """An effect is looked for in one of these. Each is there for a reason."""

    PAGE_VISIT = "page-visit"
    """Somebody looked at a shop's page: every listed shop has one. Visitors by day, never who."""
    QR_VISIT = "qr-visit"
    """Somebody followed a shop's permanent link, which every listed shop has: its QR code, mostly."""
    FOLLOW = "follow"
    """Somebody follows a shop for the first time: no outcome of a campaign that asks for it."""
    CLAIM = Fact.CLAIM.value
    """A shop's people take over its account: open to all, and no campaign does it for them."""
    ASSESSMENT = Fact.ASSESSMENT.value
    """A self-assessment is finished: open to all."""
    TRAINING_REQUEST = Fact.TRAINING_REQUEST.value
    """Asked for once, also where it is taken back later: the wish was there."""
    REVIEWS_ELSEWHERE = "reviews-elsewhere"
    """Reviews of a shop on other platforms, as a machine read them before and after: no outcome of a campaign
    that asks for reviews there."""


SOLICITED = frozenset(action.value for action in Action if action is not Action.FOLLOW)
"""What a campaign asks for. It is reported, and never called an effect: who is asked does it."""

RULE = (
    "is what the campaign itself asks for: it is reported, never called an effect. An outcome is something "
    "that shops outside of the campaign can have just as well"
)


def solicited(outcomes: Iterable[str], asks: Collection[Ask]) -> list[str]:
    """Those of the names that no campaign, or not this one, may call an effect."""
    asked = {ask.action.value for ask in asks if ask.platform is Platform.HERE}
    if any(ask.action is Action.REVIEW for ask in asks if ask.platform is not Platform.HERE):
        asked.add(Outcome.REVIEWS_ELSEWHERE.value)
    return [each for each in outcomes if each in SOLICITED or each in asked]
