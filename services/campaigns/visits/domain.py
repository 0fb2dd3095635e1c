"""What is visited, and which requests are visits. Pure.

A visit is somebody looking at a page, or following a link to it: robots, and browsers and messengers that
fetch a page before anybody asked for it, are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID


class Kind(StrEnum):
    """By what way a visit came."""

    PAGE = "page"
    """A shop's page was looked at."""
    SHOP = "shop"
    """A shop's permanent link was followed: its QR code, mostly."""
    SHARE = "share"
    """An ambassador's link was followed."""
    JOIN = "join"
    """A campaign's link was followed."""


@dataclass(frozen=True)
class Subject:
    """What is visited: a link, or a shop's page under the shop's own id."""

    id: UUID
    kind: Kind
    city_id: UUID
    merchant_id: UUID | None = None
    campaign_id: UUID | None = None


def is_ahead_of_asking(headers: Mapping[str, str]) -> bool:
    """Whether the page is only fetched in case somebody will want it, or to show what a link leads to.

    `Sec-Purpose` is that of the Fetch standard (prefetch, prerender); the others are what browsers sent
    before it: `Purpose` (Chromium, WebKit), `X-Purpose` (WebKit), `X-Moz` (Firefox).
    """
    said = (headers.get(name, "").lower() for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    return any("prefetch" in each or "prerender" in each or "preview" in each for each in said)


def fingerprint(salt: bytes, subject_id: UUID, visitor: str) -> int:
    """64 bits that say the same visitor of the same thing on the same day, and nothing else.

    Under the day's salt, which is deleted; and of one thing alone, so that nobody is followed from one to
    another.
    """
    digest = blake2b(subject_id.bytes + visitor.encode("utf-8", "replace"), key=salt, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@dataclass(frozen=True)
class Count:
    """Visits of one thing on one day of the calendar, by how many different visitors (estimated)."""

    day: date
    kind: Kind
    visits: int
    visitors: int
