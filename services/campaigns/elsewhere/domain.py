"""What is seen of shops on other platforms: posts, and counts of a day. Pure.

Never scraped, never mixed into our own figures: each says who or what it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

MOST = 10_000_000
"""No shop of a town has more of anything."""
EARLIEST = date(2000, 1, 1)
"""None of the platforms is older by much: an earlier day is a slip of the pen."""


class Source(StrEnum):
    """Who or what says so; shown with everything that is seen elsewhere."""

    CITIZEN = "citizen"
    """Handed in as a link."""
    MERCHANT = "merchant"
    CONSULTANT = "consultant"
    OFFICER = "officer"
    CONNECTED = "connected-account"
    """The platform's official interface, with the merchant's leave."""
    OPEN = "open-source"
    """What anybody may read by a protocol made for it: Mangrove, ActivityPub, feeds, Webmention."""


class PostKind(StrEnum):
    REVIEW = "review"
    PHOTO = "photo"
    VIDEO = "video"
    POST = "post"
    """Anything else that somebody says there: an article, a message, a share."""


class Measure(StrEnum):
    """What is counted there."""

    REVIEWS = "reviews"
    MEAN = "mean"
    """Of its reviews' ratings, with its scale."""
    PHOTOS = "photos"
    FOLLOWERS = "followers"


@dataclass(frozen=True)
class FoundPost:
    """A post about a merchant, or about the town where there is none."""

    platform: str
    url: str
    """Canonical: of `platforms.addresses.address_of` alone."""
    kind: PostKind
    source: Source
    via: str = ""
    """Which open source or connected account, as readers are told: `#habay on mastodon.social`."""
    day: date | None = None
    """When it was posted there, where that is known."""
    excerpt: str = ""
    """Its first words as plain text, of sources whose terms let them be passed on."""


@dataclass(frozen=True)
class FoundCount:
    """A figure of one day, as the platform shows it."""

    platform: str
    measure: Measure
    day: date
    """Of the calendar in Brussels."""
    figure: float
    source: Source
    scale: int | None = None
    """Of a mean: the best there is."""
    via: str = ""
    profile_id: UUID | None = None
    """Which of the merchant's profiles there; none where it is not said."""


def implausible(count: FoundCount, today: date) -> tuple[str, str] | None:
    """The field that cannot be right, and why; None where all can."""
    if not EARLIEST <= count.day <= today:
        return "day", f"is not between {EARLIEST} and today"
    if count.measure is not Measure.MEAN:
        if count.scale is not None:
            return "scale", "goes with a mean alone"
        if not 0 <= count.figure <= MOST or count.figure != int(count.figure):
            return "figure", f"is not a whole number between 0 and {MOST}"
        return None
    if count.scale not in (5, 10):
        return "scale", "is 5 or 10"
    # No platform knows a rating below 1; 0 is what it shows where there is none, which is no mean.
    return None if 1 <= count.figure <= count.scale else ("figure", f"is not between 1 and {count.scale}")
