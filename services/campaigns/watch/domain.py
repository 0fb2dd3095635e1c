"""What is watched in the open, what is found there, and whom it is about. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import cos, hypot, radians
from urllib.parse import urlsplit
from uuid import UUID

from services.campaigns.elsewhere.domain import PostKind


class SourceKind(StrEnum):
    """By which protocol a source is read; each is a file of its own, with the terms it is read under."""

    MANGROVE = "mangrove"
    """Reviews of places in the town's area."""
    FEDIVERSE = "fediverse"
    """Public posts with a tag, as one server knows them."""
    FEED = "feed"
    """RSS, Atom or JSON Feed of a site."""


@dataclass(frozen=True)
class Place:
    """A point, with how far off it may be."""

    latitude: float
    longitude: float
    metres: float = 0.0


@dataclass(frozen=True)
class Finding:
    """One thing that a source shows."""

    url: str
    """Where it is read."""
    kind: PostKind
    posted_at: datetime | None = None
    links: tuple[str, ...] = ()
    """What it links to, and what it says it is about."""
    place: Place | None = None
    excerpt: str = ""
    """Plain text, where the source's terms let it be passed on."""


@dataclass(frozen=True)
class Look:
    """What a source showed when it was looked at."""

    findings: tuple[Finding, ...]
    whole_since: datetime | None = None
    """All that was posted since then is among them: what was known and is not, was deleted there."""
    etag: str | None = None
    last_modified: str | None = None


_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def plausible(said: datetime | None, now: datetime) -> datetime | None:
    """A time that a source says, where something can have been posted then: clocks may be a day off."""
    return said if said is not None and _BEGINNING <= said <= now + timedelta(days=1) else None


class Trouble(Exception):
    """A source cannot be read; the text says so to the officer who watches it."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


EVERY = timedelta(hours=1)
LONGEST = timedelta(days=1)
_JITTER = 0.2


def next_look(
    now: datetime,
    failures: int,
    chance: float,
    *,
    retry_after: timedelta | None = None,
    every: timedelta = EVERY,
) -> datetime:
    """When to look again: later after each failure in a row, never before a server asks for.

    `chance` (0–1) spreads looks that began together, by a fifth of the wait.
    """
    longer: int = 1 << min(failures, 10)
    wait = min(every * longer, max(LONGEST, every)) * (1 + _JITTER * (chance - 0.5))
    return now + max(wait, min(retry_after or timedelta(0), 7 * LONGEST))


NEAR_METRES = 20.0
"""A point that means a shop lies on its door or in its middle; the next shop's is a house farther."""
_METRES_PER_DEGREE = 111_320.0


def nearest(place: Place, shops: Iterable[tuple[UUID, float, float]]) -> UUID | None:
    """The one shop (id, longitude, latitude) at that point; None where there is none, or more than one.

    Never guessed: of two shops within reach, or at a point that is not exact, it is about neither.
    """
    if place.metres > 5 * NEAR_METRES:
        return None
    east = cos(radians(place.latitude)) * _METRES_PER_DEGREE
    near = [
        shop
        for shop, longitude, latitude in shops
        if hypot((longitude - place.longitude) * east, (latitude - place.latitude) * _METRES_PER_DEGREE)
        <= NEAR_METRES
    ]
    return near[0] if len(near) == 1 else None


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def own_pages(links: Sequence[str], public_url: str) -> tuple[list[UUID], list[str]]:
    """Which of the links are ours: shops by the addresses of their pages, and codes of short links."""
    host = re.escape(re.sub(r"^https?://", "", public_url))
    page = re.compile(rf"https?://{host}/merchants/({_UUID})/?(?:[?#].*)?", re.IGNORECASE)
    short = re.compile(rf"https?://{host}/s/([0-9a-z]{{1,20}})/?(?:[?#].*)?", re.IGNORECASE)
    shops = [UUID(found[1]) for link in links if (found := page.fullmatch(link))]
    codes = [found[1].lower() for link in links if (found := short.fullmatch(link))]
    return shops, codes


def via(kind: SourceKind, address: str, tag: str) -> str:
    """The source, as readers are told: `#habay on mastodon.social`."""
    if kind is SourceKind.MANGROVE:
        return "mangrove.reviews"
    host = urlsplit(address).hostname or ""
    return f"#{tag} on {host}" if kind is SourceKind.FEDIVERSE else host


_TAG = re.compile(r"\w{1,100}")


def tag_of(typed: str) -> str:
    """`#Habay` as it is asked for: `Habay`. Raises ValueError, which says what is wrong."""
    tag = typed.strip().removeprefix("#")
    if not _TAG.fullmatch(tag) or tag.isdigit():
        raise ValueError("is no tag: letters and figures in one word")
    return tag
