"""Events of campaigns about what officers look at and decide: among the `FACTS` of `v1.py`."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.envelope import Fact, Moment


class ContributionModerated(Fact, frozen=True, kw_only=True):
    """Moderation took a published contribution away: what it counted for is reversed until it is reinstated.

    Told only of what was told as posted. Of this and `ContributionReinstated` the higher version holds.
    """

    TYPE: ClassVar[str] = "campaigns.contribution-moderated.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    kind: str
    """As in `ContributionWithdrawn`."""
    version: int
    """Of the contribution's standing; unique to this event."""


class ContributionReinstated(Fact, frozen=True, kw_only=True):
    """What moderation took away is public again, and counts on the day of its posting, as it did."""

    TYPE: ClassVar[str] = "campaigns.contribution-reinstated.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    kind: str
    version: int


class ContributionHeld(Fact, frozen=True, kw_only=True):
    """The screening asked for a look: a contribution is not public until somebody has decided.

    For its author. Of what was public before, `ContributionModerated` tells those who count it.
    """

    TYPE: ClassVar[str] = "campaigns.contribution-held.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    contributor_id: UUID
    """Its author."""
    kind: str
    """As in `ContributionWithdrawn`."""
    reasons: tuple[str, ...]
    """Names of rules (`services/campaigns/moderation/reasons.yaml`)."""
    version: int
    """Of the contribution's standing; 1 for what was never public."""


class ContributionReported(Fact, frozen=True, kw_only=True):
    """Somebody reported what is public; told once until it is decided about, however many do.

    For the shop that it is about. By whom, on which ground and in which words stays with campaigns.
    """

    TYPE: ClassVar[str] = "campaigns.contribution-reported.v1"
    AGGREGATE: ClassVar[str] = "case_id"
    KEY: ClassVar[str] = "merchant_id"

    case_id: UUID
    """What is to be decided: all reports until then."""
    contribution_id: UUID
    merchant_id: UUID
    kind: str
    """As in `ContributionWithdrawn`."""


class ReportedContributionWithdrawn(Fact, frozen=True, kw_only=True):
    """Its author took back what was reported before anybody had decided: nothing is left to decide.

    The end of what `ContributionReported` began, or of a reporter's appeal; for who reported, and the shop.
    What it does to figures is told by `ContributionWithdrawn`.
    """

    TYPE: ClassVar[str] = "campaigns.reported-contribution-withdrawn.v1"
    AGGREGATE: ClassVar[str] = "case_id"
    KEY: ClassVar[str] = "merchant_id"

    case_id: UUID
    contribution_id: UUID
    merchant_id: UUID
    kind: str
    """As in `ContributionWithdrawn`."""
    reporter_ids: tuple[UUID, ...] = ()
    """Those who reported it and have an account, but for its author: of an appeal, all before it."""


class ModerationDecided(Fact, frozen=True, kw_only=True):
    """Somebody decided about a contribution that was held, reported or appealed for.

    Its words stay with campaigns. What it does to figures is told by the events of the contribution itself.
    """

    TYPE: ClassVar[str] = "campaigns.moderation-decided.v1"
    AGGREGATE: ClassVar[str] = "decision_id"
    KEY: ClassVar[str] = "merchant_id"

    decision_id: UUID
    contribution_id: UUID
    merchant_id: UUID
    contributor_id: UUID
    """Its author."""
    kind: str
    outcome: str
    """`published` or `removed`."""
    ground: str
    """Name of a rule (`services/campaigns/moderation/reasons.yaml`)."""
    appellant: str | None = None
    """Of a decision on appeal: `author` or `reporter`. None for a first one."""
    reporter_ids: tuple[UUID, ...] = ()
    """Those who reported it, have an account, and wait for this decision: of an appeal, all before it."""
    reported: bool = False
    """Whether anybody did, with an account or without: then the shop is told of it."""


class ModerationQueueWaited(Fact, frozen=True, kw_only=True):
    """Something waits too long for a decision in a city: told once a day at most, with all that waits then.

    Sorts exclude each other: an appeal is one, however it came; what was held and reported was reported.
    """

    TYPE: ClassVar[str] = "campaigns.moderation-queue-waited.v1"
    AGGREGATE: ClassVar[str] = "wait_id"
    KEY: ClassVar[str] = "city_id"

    wait_id: UUID
    """Of this city and day."""
    day: date
    """Of the calendar in Brussels."""
    held: int
    """By the screening, before they were public."""
    reported: int
    appeals: int
    overdue: int
    """Those of them whose stated time is over."""
    oldest_since: Moment
    deputy_city_id: UUID | None = None
    """Whose officers decide this city's appeals too, where it has named a city for that."""
    oldest_appeal_since: Moment | None = None
    """None where no appeal has waited for half of its stated time."""
