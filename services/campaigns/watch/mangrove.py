"""Mangrove: open reviews of places, read by area.

Interface: GET https://api.mangrove.reviews/geo with `xmin`, `ymin`, `xmax`, `ymax` in degrees gives the
reviews whose subject lies there (https://gitlab.com/open-reviews/mangrove/-/merge_requests/158; the form of a
review: https://docs.mangrove.reviews, schema `Review`). Subjects are `geo:` URIs (RFC 5870) with the place's
name in `q` and its uncertainty in `u`, or addresses of sites.

Terms: reviews are published under CC BY 4.0 (https://mangrove.reviews/terms): their words may be passed on
with where they come from. Read: signature, time, subject, opinion and pictures' presence. Kept: the address,
the day and the first words. No limit of requests is stated; one an hour for each town.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import msgspec

from services.campaigns.elsewhere.domain import PostKind
from services.campaigns.watch.domain import Finding, Look, Place, Trouble

API = "https://api.mangrove.reviews"
MOST_BYTES = 5_000_000
_DEFAULT_UNCERTAINTY = 30.0
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class _Payload(msgspec.Struct):
    iat: int
    sub: str
    action: str | None = None
    opinion: str | None = None
    images: list[Any] | None = None


class _Review(msgspec.Struct):
    signature: str
    payload: _Payload


class _Reviews(msgspec.Struct):
    reviews: list[msgspec.Raw]


def address(api: str, west: float, south: float, east: float, north: float) -> str:
    """Where the reviews of an area are."""
    return f"{api}/geo?" + urlencode({"xmin": west, "ymin": south, "xmax": east, "ymax": north})


def read(body: bytes) -> Look:
    """What the answer says. One review that is not as described is left out. Raises Trouble."""
    try:
        listed = msgspec.json.decode(body, type=_Reviews).reviews
    except msgspec.DecodeError:
        raise Trouble("it does not answer with reviews") from None
    findings = [found for raw in listed if (found := _finding(raw)) is not None]
    return Look(tuple(findings), whole_since=_BEGINNING)


def _finding(raw: msgspec.Raw) -> Finding | None:
    try:
        review = msgspec.json.decode(raw, type=_Review)
        posted_at = datetime.fromtimestamp(review.payload.iat, UTC)
    except (msgspec.DecodeError, ValueError, OverflowError, OSError):
        return None
    payload = review.payload
    if payload.action == "delete" or not review.signature:
        return None
    return Finding(
        url=f"https://mangrove.reviews/list?signature={quote(review.signature, safe='')}",
        kind=PostKind.PHOTO if payload.images and not payload.opinion else PostKind.REVIEW,
        posted_at=posted_at,
        links=(payload.sub,) if payload.sub.startswith(("https://", "http://")) else (),
        place=place_of(payload.sub),
        excerpt=payload.opinion or "",
    )


def place_of(subject: str) -> Place | None:
    """The point of a `geo:` URI (RFC 5870): latitude first, then longitude."""
    scheme, _, rest = subject.partition(":")
    if scheme.lower() != "geo":
        return None
    path, _, query = rest.partition("?")
    try:
        latitude, longitude = (float(part) for part in path.split(";")[0].split(",")[:2])
        said = parse_qs(query).get("u") or [str(_DEFAULT_UNCERTAINTY)]
        metres = float(said[0])
    except ValueError:
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180 and metres >= 0):
        return None
    return Place(latitude, longitude, metres)
