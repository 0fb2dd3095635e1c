"""When a contribution counts, for what, and how often one person may make it. Pure; time is passed in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from services.campaigns.places.domain import Area, Polygon, Setting

BRUSSELS = ZoneInfo("Europe/Brussels")
NO_CAMPAIGN = "none"


class Kind(StrEnum):
    """What can be contributed. Each kind keeps its details in a table of its own."""

    REVIEW = "review"
    PHOTO = "photo"
    VIDEO = "video"
    SHARE = "share"


class Tie(StrEnum):
    """What binds the author to the merchant, as the author declares it."""

    NONE = "none"
    OWNER = "owner"
    STAFF = "staff"
    FAMILY = "family"


class Channel(StrEnum):
    """Over what a merchant is recommended to others."""

    WHATSAPP = "whatsapp"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    MAIL = "mail"
    SMS = "sms"
    LINK = "link"
    OTHER = "other"


class Licence(StrEnum):
    """What others may do with a photo, as its author chose."""

    CC_BY = "cc-by-4.0"
    """Use it for anything, if its author is named."""
    CC_BY_SA = "cc-by-sa-4.0"
    """The same, and what is made of it carries this licence too."""
    CC0 = "cc0-1.0"
    """Use it for anything."""
    THIS_SHOP = "this-shop"
    """The merchant may show it wherever the shop presents itself; nobody else may reuse it."""


class People(StrEnum):
    """Who can be recognised in a photo. A person's image is theirs (Code de droit
    économique, art. XI.174)."""

    NONE = "none"
    AGREED = "agreed"
    """All of them agreed to its being published here."""
    GUARDIANS_AGREED = "guardians-agreed"
    """There are children, and those who have parental authority agreed for them."""
    NOT_ASKED = "not-asked"
    """Which is refused."""


class Reason(StrEnum):
    """Why a contribution counts for no campaign."""

    NO_RUNNING_CAMPAIGN = "no-running-campaign"
    NOT_ENROLLED = "not-enrolled"
    OUTSIDE_AREA = "outside-area"
    OPTED_OUT = "merchant-opted-out"
    """The shop wants no part in a campaign that would count it."""
    DECLARED_TIE = "declared-tie"


class Standing(StrEnum):
    """Who sees a contribution."""

    PUBLISHED = "published"
    """Everybody."""
    HELD = "held"
    """Its author and the city's moderators, who decide about it."""
    REMOVED = "removed"
    """The same; that it goes was decided."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A campaign of the merchant's city that a contribution may count for."""

    campaign_id: UUID
    started_at: datetime
    ends_at: datetime
    area: Area = field(default_factory=Area)
    outlines: Mapping[UUID, Polygon] = field(default_factory=dict)
    """Of the area's districts, as far as they are known."""
    chosen: bool = True
    """Whether it names the merchant, or none."""
    opted_out: bool = False
    """Whether the merchant wants no part in it."""
    enrolled: bool = False
    """Whether the author is an ambassador of it."""
    taken: bool = False
    """Whether the author has already made this contribution in it."""


@dataclass(frozen=True)
class Counting:
    """What a contribution counts for: a campaign, or none for a reason."""

    campaign_id: UUID | None = None
    reason: Reason | None = None


def counting(setting: Setting, candidates: Sequence[Candidate], tie: Tie, now: datetime) -> Counting:
    """Which campaign a contribution made now to a merchant of this setting counts for.

    Where several would do it is the one that ends first among those in which the author has not made
    this contribution yet; where it was made in all of them, the first, so that the answer can say so.
    """
    if tie is not Tie.NONE:
        return Counting(reason=Reason.DECLARED_TIE)
    running = [each for each in candidates if each.started_at <= now < each.ends_at]
    if not running:
        return Counting(reason=Reason.NO_RUNNING_CAMPAIGN)
    fitting = [each for each in running if each.chosen and each.area.includes(setting, each.outlines)]
    if not fitting:
        return Counting(reason=Reason.OUTSIDE_AREA)
    willing = [each for each in fitting if not each.opted_out]
    if not willing:
        return Counting(reason=Reason.OPTED_OUT)
    joined = [each for each in willing if each.enrolled]
    if not joined:
        return Counting(reason=Reason.NOT_ENROLLED)
    chosen = min(joined, key=lambda each: (each.taken, each.ends_at, each.campaign_id))
    return Counting(campaign_id=chosen.campaign_id)


@dataclass(frozen=True)
class Review:
    """An opinion written here."""

    kind: ClassVar[Kind] = Kind.REVIEW
    rating: int
    """1 to 5."""
    text: str
    language: str | None
    tie: Tie = Tie.NONE
    version: int = 1
    edited_at: datetime | None = None

    def slot(self, campaign_id: UUID | None, now: datetime) -> str:  # noqa: ARG002 - as Share has it
        """A person has one review per merchant in each campaign, and one outside of all."""
        return str(campaign_id) if campaign_id else NO_CAMPAIGN


@dataclass(frozen=True)
class Share:
    """A merchant recommended to others."""

    kind: ClassVar[Kind] = Kind.SHARE
    tie: ClassVar[Tie] = Tie.NONE
    channel: Channel

    def slot(self, campaign_id: UUID | None, now: datetime) -> str:  # noqa: ARG002 - as Review has it
        """A person has one share per merchant, channel and day: more would be repetition."""
        return f"{self.channel}/{brussels_day(now)}"


@dataclass(frozen=True)
class Photo:
    """One to four pictures of a shop that were handed in together, and count as one."""

    kind: ClassVar[Kind] = Kind.PHOTO
    licence: Licence
    people: People
    tie: Tie = Tie.NONE
    credit: str | None = None
    """How the author wants to be named beside it."""
    review_id: UUID | None = None
    """The author's review of the same merchant that it goes with."""
    reused_at: datetime | None = None
    """When the shop took it for its own use."""

    def slot(self, campaign_id: UUID | None, now: datetime) -> str:  # noqa: ARG002 - as Review has it
        """A person has one set of photos per merchant and day, and one with each review."""
        return f"review/{self.review_id}" if self.review_id else str(brussels_day(now))


@dataclass(frozen=True)
class Video:
    """A video of a shop that lies on another platform."""

    kind: ClassVar[Kind] = Kind.VIDEO
    platform: str
    url: str
    """Its one address."""
    tie: Tie = Tie.NONE

    def slot(self, campaign_id: UUID | None, now: datetime) -> str:  # noqa: ARG002 - as Review has it
        """A person hands in a video once, for one shop (`video_once`). A digest: the address may go."""
        return sha256(self.url.encode()).hexdigest()[:32]


Details: TypeAlias = Review | Photo | Video | Share


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What one person did for one merchant."""

    id: UUID
    city_id: UUID
    merchant_id: UUID
    contributor_id: UUID
    details: Details
    counting: Counting
    posted_at: datetime
    withdrawn_at: datetime | None = None
    standing: Standing = Standing.PUBLISHED
    standing_version: int = 1
    published_at: datetime | None = None
    """When it became public for the first time: from then on it counts, if it does."""

    @property
    def is_public(self) -> bool:
        return self.standing is Standing.PUBLISHED and self.withdrawn_at is None

    @property
    def was_told(self) -> bool:
        """Whether the others were told of it. They are told of no end of what they never heard of."""
        return self.counts_for_audience and self.published_at is not None

    def moved_to(self, standing: Standing, now: datetime) -> Contribution:
        """As it is from now on."""
        public_since = self.published_at or (now if standing is Standing.PUBLISHED else None)
        version = self.standing_version + 1
        return replace(self, standing=standing, standing_version=version, published_at=public_since)

    @property
    def counts_for_audience(self) -> bool:
        """The owner's cousin is no audience: what a tie is declared for is kept, labelled, not counted."""
        return self.details.tie is Tie.NONE

    @property
    def slot(self) -> str:
        """What its author can hold only one of at a time; free after withdrawal, unless it was removed."""
        return self.details.slot(self.counting.campaign_id, self.posted_at)


def brussels_day(moment: datetime) -> date:
    """The day people see on their calendar; 23 or 25 hours long when the clocks change."""
    return moment.astimezone(BRUSSELS).date()


# Control characters but tab and line end (Cc), halves of pairs (Cs); and embeddings, overrides and isolates,
# which make text read differently from what it says.
_NOT_PLAIN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def plain_text(text: str) -> str:
    """The text as it is stored: composed, with plain line ends and no control characters.

    Nothing is escaped or removed because of what it might mean in HTML: pages escape what they show.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_PLAIN.sub("", unicodedata.normalize("NFC", lines)).strip()
