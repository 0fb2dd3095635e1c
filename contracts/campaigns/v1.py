"""Events of campaigns: what a city runs and what its ambassadors do.

Persons appear as `contributor_id`, a pseudonym of this owner's own.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from contracts.campaigns.moderation import (
    ContributionHeld,
    ContributionModerated,
    ContributionReinstated,
    ContributionReported,
    ModerationDecided,
    ModerationQueueWaited,
    ReportedContributionWithdrawn,
)
from contracts.campaigns.photos import ContributionPhotoReused, ReusedPhotoTakenBack
from contracts.envelope import Fact, Moment


class CampaignScheduled(Fact, frozen=True, kw_only=True):
    """A campaign is announced: it will run at this time in this area."""

    TYPE: ClassVar[str] = "campaigns.campaign-scheduled.v1"
    AGGREGATE: ClassVar[str] = "campaign_id"
    KEY: ClassVar[str] = "campaign_id"

    campaign_id: UUID
    version: int
    starts_at: Moment
    ends_at: Moment
    district_ids: tuple[UUID, ...] = ()
    """Districts it runs in; none means the whole city."""
    kinds: tuple[str, ...] = ()
    """Kinds of merchants it is for; none means all."""
    merchant_ids: tuple[UUID, ...] = ()
    """Chosen merchants among those; none means all. Any of them may have opted out."""
    city_ids: tuple[UUID, ...] = ()
    """Other cities that take part. The one that runs it is `city_id`."""


class CampaignStarted(Fact, frozen=True, kw_only=True):
    """The campaign runs from now on; carries its area so that no one has to ask."""

    TYPE: ClassVar[str] = "campaigns.campaign-started.v1"
    AGGREGATE: ClassVar[str] = "campaign_id"
    KEY: ClassVar[str] = "campaign_id"

    campaign_id: UUID
    version: int
    starts_at: Moment
    ends_at: Moment
    district_ids: tuple[UUID, ...] = ()
    kinds: tuple[str, ...] = ()
    merchant_ids: tuple[UUID, ...] = ()
    city_ids: tuple[UUID, ...] = ()


class CampaignExtended(Fact, frozen=True, kw_only=True):
    """A campaign that was announced ends later than that. Nothing else that was told of it changes."""

    TYPE: ClassVar[str] = "campaigns.campaign-extended.v1"
    AGGREGATE: ClassVar[str] = "campaign_id"
    KEY: ClassVar[str] = "campaign_id"

    campaign_id: UUID
    version: int
    ends_at: Moment


class CampaignEnded(Fact, frozen=True, kw_only=True):
    """The campaign is over: by the clock or by a person."""

    TYPE: ClassVar[str] = "campaigns.campaign-ended.v1"
    AGGREGATE: ClassVar[str] = "campaign_id"
    KEY: ClassVar[str] = "campaign_id"

    campaign_id: UUID
    version: int
    ended_at: Moment


class GoalReached(Fact, frozen=True, kw_only=True):
    """A campaign has reached one of its goals: told once, whatever is taken back afterwards."""

    TYPE: ClassVar[str] = "campaigns.goal-reached.v1"
    AGGREGATE: ClassVar[str] = "goal_id"
    KEY: ClassVar[str] = "campaign_id"

    goal_id: UUID
    campaign_id: UUID
    figure: str
    """What was counted: `reviews`, `photos`, `videos`, `shares`, `ambassadors` or `merchants-reached`."""
    target: int


class AmbassadorEnrolled(Fact, frozen=True, kw_only=True):
    """Somebody joined a campaign as an ambassador."""

    TYPE: ClassVar[str] = "campaigns.ambassador-enrolled.v1"
    AGGREGATE: ClassVar[str] = "enrolment_id"
    KEY: ClassVar[str] = "campaign_id"

    enrolment_id: UUID
    campaign_id: UUID
    contributor_id: UUID


class AmbassadorWeekCounted(Fact, frozen=True, kw_only=True):
    """What came of what somebody did in a city, in a week that is over: told once, where something did."""

    TYPE: ClassVar[str] = "campaigns.ambassador-week-counted.v1"
    AGGREGATE: ClassVar[str] = "week_id"
    KEY: ClassVar[str] = "contributor_id"

    week_id: UUID
    """Of this person, city and week."""
    contributor_id: UUID
    week: date
    """Its Monday, of the calendar in Brussels."""
    contributions: int
    """Posted then, and public when it was counted."""
    answers: int
    """Of shops, to their reviews."""
    visits: int
    """By their links."""
    claims: int
    """Shops for which they had done something and whose account was opened."""
    photos_reused: int = 0
    """Of theirs, of whatever age, that shops took for their own use in that week."""


class AmbassadorReviewPosted(Fact, frozen=True, kw_only=True):
    """A review was written here. Its text stays with campaigns."""

    TYPE: ClassVar[str] = "campaigns.ambassador-review-posted.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    contributor_id: UUID
    rating: int
    """1 to 5. Never changes what anybody earns."""
    campaign_id: UUID | None = None
    """The running campaign it counts for; none where it counts for the merchant alone."""


class AmbassadorPhotoPosted(Fact, frozen=True, kw_only=True):
    """One to four photos of a merchant were handed in together; they count as one. The pictures stay here."""

    TYPE: ClassVar[str] = "campaigns.ambassador-photo-posted.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    contributor_id: UUID
    campaign_id: UUID | None = None


class AmbassadorVideoPosted(Fact, frozen=True, kw_only=True):
    """A video of a merchant on another platform was linked. Its address stays here."""

    TYPE: ClassVar[str] = "campaigns.ambassador-video-posted.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    contributor_id: UUID
    platform: str
    """`youtube`, for one."""
    campaign_id: UUID | None = None


class AmbassadorShared(Fact, frozen=True, kw_only=True):
    """A merchant was recommended to others over a channel."""

    TYPE: ClassVar[str] = "campaigns.ambassador-shared.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    contributor_id: UUID
    channel: str
    campaign_id: UUID | None = None


class MerchantFollowed(Fact, frozen=True, kw_only=True):
    """Somebody follows a merchant from now on. Followers are counted as they are at present, not summed."""

    TYPE: ClassVar[str] = "campaigns.merchant-followed.v1"
    AGGREGATE: ClassVar[str] = "following_id"
    KEY: ClassVar[str] = "merchant_id"

    following_id: UUID
    """New each time that somebody begins to follow."""
    merchant_id: UUID
    contributor_id: UUID


class MerchantUnfollowed(Fact, frozen=True, kw_only=True):
    """Somebody follows a merchant no more: that following is over."""

    TYPE: ClassVar[str] = "campaigns.merchant-unfollowed.v1"
    AGGREGATE: ClassVar[str] = "following_id"
    KEY: ClassVar[str] = "merchant_id"

    following_id: UUID
    merchant_id: UUID


class ContributionEdited(Fact, frozen=True, kw_only=True):
    """A contribution's author changed what it says. It never counts again."""

    TYPE: ClassVar[str] = "campaigns.contribution-edited.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    version: int
    """2 for the first edit."""
    kind: str
    rating: int | None = None
    """Of a review, as it is now."""


class ContributionWithdrawn(Fact, frozen=True, kw_only=True):
    """A contribution's author took it back: whatever it counted for is reversed."""

    TYPE: ClassVar[str] = "campaigns.contribution-withdrawn.v1"
    AGGREGATE: ClassVar[str] = "contribution_id"
    KEY: ClassVar[str] = "merchant_id"

    contribution_id: UUID
    merchant_id: UUID
    kind: str
    """`review`, `photo`, `video` or `share`: what it was."""


class MerchantAnswered(Fact, frozen=True, kw_only=True):
    """A shop answered a review in public. What it says, edited or not, stays with campaigns."""

    TYPE: ClassVar[str] = "campaigns.merchant-answered.v1"
    AGGREGATE: ClassVar[str] = "answer_id"
    KEY: ClassVar[str] = "merchant_id"

    answer_id: UUID
    """New each time that a review is answered: another may be written where one was removed."""
    contribution_id: UUID
    """The review."""
    merchant_id: UUID
    contributor_id: UUID
    """The review's author."""


class MerchantAnswerRemoved(Fact, frozen=True, kw_only=True):
    """A shop's answer is public no more: the shop took it back, or the review is gone."""

    TYPE: ClassVar[str] = "campaigns.merchant-answer-removed.v1"
    AGGREGATE: ClassVar[str] = "answer_id"
    KEY: ClassVar[str] = "merchant_id"

    answer_id: UUID
    contribution_id: UUID
    merchant_id: UUID


class ShareLinkVisitsCounted(Fact, frozen=True, kw_only=True):
    """How often a short link was followed on one day so far. A higher version holds what lower ones said."""

    TYPE: ClassVar[str] = "campaigns.share-link-visits-counted.v1"
    AGGREGATE: ClassVar[str] = "count_id"
    KEY: ClassVar[str] = "link_id"

    count_id: UUID
    """The sum of this link and day."""
    link_id: UUID
    kind: str
    """`share`: an ambassador's link; `shop`: a shop's permanent one; `join`: a campaign's."""
    day: date
    """Of the calendar in Brussels."""
    visits: int
    """All so far, robots and what was fetched ahead of asking left out."""
    visitors: int
    """How many different ones, estimated."""
    version: int
    merchant_id: UUID | None = None
    """The shop it leads to; none where it leads to a campaign."""
    campaign_id: UUID | None = None


class SeenElsewhere(Fact, frozen=True, kw_only=True):
    """A post about a shop, or about the town, is known on another platform; or a count there was noted.

    Shown beside the shop's own audience with its source, never mixed into it, and earns nobody anything. Of
    all that is told of one `seen_id` the highest version holds. What it says stays with campaigns.
    """

    TYPE: ClassVar[str] = "campaigns.seen-elsewhere.v1"
    AGGREGATE: ClassVar[str] = "seen_id"
    KEY: ClassVar[str] = "seen_id"

    seen_id: UUID
    """Of the post, or of this count of this day."""
    version: int
    platform: str
    """`google`, for one; `website` for all sites that are none of the known platforms."""
    source: str
    """Who says so: `citizen`, `merchant`, `consultant`, `officer`, `connected-account` or `open-source`."""
    what: str
    """A post: `review`, `photo`, `video`, `post`; or a count: `reviews`, `mean`, `photos`, `followers`."""
    day: date
    """Since when: of the post, or of the count."""
    merchant_id: UUID | None = None
    """None of a post about the town."""
    figure: float | None = None
    """Of a count; None of a post."""
    scale: int | None = None
    """Of a mean: the best there is."""


class SeenElsewhereTakenBack(Fact, frozen=True, kw_only=True):
    """What was seen elsewhere is shown no more: its only source took it back, or an officer took it down."""

    TYPE: ClassVar[str] = "campaigns.seen-elsewhere-taken-back.v1"
    AGGREGATE: ClassVar[str] = "seen_id"
    KEY: ClassVar[str] = "seen_id"

    seen_id: UUID
    version: int
    merchant_id: UUID | None = None


class PersonalDataErased(Fact, frozen=True, kw_only=True):
    """Campaigns' part of an erasure is done."""

    TYPE: ClassVar[str] = "campaigns.personal-data-erased.v1"
    AGGREGATE: ClassVar[str] = "erasure_id"
    KEY: ClassVar[str] = "erasure_id"

    erasure_id: UUID


FACTS: tuple[type[Fact], ...] = (
    CampaignScheduled,
    CampaignStarted,
    CampaignExtended,
    CampaignEnded,
    GoalReached,
    AmbassadorEnrolled,
    AmbassadorWeekCounted,
    AmbassadorReviewPosted,
    AmbassadorPhotoPosted,
    AmbassadorVideoPosted,
    AmbassadorShared,
    MerchantFollowed,
    MerchantUnfollowed,
    ContributionEdited,
    ContributionWithdrawn,
    MerchantAnswered,
    MerchantAnswerRemoved,
    ContributionPhotoReused,
    ReusedPhotoTakenBack,
    ShareLinkVisitsCounted,
    ContributionModerated,
    ContributionReinstated,
    ContributionHeld,
    ContributionReported,
    ReportedContributionWithdrawn,
    ModerationDecided,
    ModerationQueueWaited,
    SeenElsewhere,
    SeenElsewhereTakenBack,
    PersonalDataErased,
)
