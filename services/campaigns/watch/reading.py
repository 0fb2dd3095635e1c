"""Reads one source by its protocol, within the limits that its file declares."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from sqlalchemy import func, select

from chassis.database import Database
from chassis.fetching import Fetched, Limits, NotFetched, Outside
from services.campaigns.places.tables import known_merchant
from services.campaigns.watch import fediverse, feeds, mangrove
from services.campaigns.watch.domain import Look, SourceKind, Trouble
from services.campaigns.watch.robots import may_read

_JSON = ("application/json",)
_MARGIN_DEGREES = 0.001
"""Some 100 m around the outermost shops of a town."""


async def look_at(
    database: Database, outside: Outside, source: dict[str, Any], mangrove_api: str
) -> Look | None:
    """What the source shows; None where it says that nothing changed. Raises Trouble."""
    match SourceKind(source["kind"]):
        case SourceKind.MANGROVE:
            return await _mangrove(database, outside, source, mangrove_api)
        case SourceKind.FEDIVERSE:
            url = fediverse.address(source["address"], source["tag"])
            found = await fetch(outside, url, _JSON, fediverse.MOST_BYTES)
            return await asyncio.to_thread(fediverse.read, found.body)
        case SourceKind.FEED:
            return await _feed(outside, source)


async def _mangrove(database: Database, outside: Outside, source: dict[str, Any], api: str) -> Look:
    longitude, latitude = known_merchant.c.longitude, known_merchant.c.latitude
    bounds = func.min(longitude), func.min(latitude), func.max(longitude), func.max(latitude)
    async with database.connection() as connection:
        query = select(*bounds).where(known_merchant.c.city_id == source["city_id"])
        west, south, east, north = (await connection.execute(query)).one()
    if west is None:
        return Look(())
    margin = _MARGIN_DEGREES
    url = mangrove.address(api, west - margin, south - margin, east + margin, north + margin)
    found = await fetch(outside, url, _JSON, mangrove.MOST_BYTES)
    return await asyncio.to_thread(mangrove.read, found.body)


async def _feed(outside: Outside, source: dict[str, Any]) -> Look | None:
    url = source["address"]
    if not await may_read(outside, url):
        raise Trouble("the site's robots.txt does not let programs read it")
    unchanged = {"If-None-Match": source["etag"], "If-Modified-Since": source["last_modified"]}
    headers = {name: value for name, value in unchanged.items() if value}
    found = await fetch(outside, url, feeds.TYPES, feeds.MOST_BYTES, headers)
    if found.status == 304:
        return None
    look = await asyncio.to_thread(feeds.read, found.body, found.media_type, found.url, source["tag"])
    etag, modified = found.headers.get("etag"), found.headers.get("last-modified")
    return Look(look.findings, look.whole_since, _short(etag), _short(modified))


async def fetch(
    outside: Outside, url: str, accept: tuple[str, ...], size: int, headers: dict[str, str] | None = None
) -> Fetched:
    """A good answer (200 or 304). Raises Trouble for any other."""
    try:
        found = await outside.get(url, accept=accept, headers=headers, limits=Limits(size=size))
    except NotFetched as error:
        raise Trouble(str(error)) from error
    match found.status:
        case 200 | 304:
            return found
        case 401 | 403 | 422:
            raise Trouble("it is open to members alone")
        case 404 | 410:
            raise Trouble("there is nothing at this address")
        case 429 | 503:
            raise Trouble("it asks to come back later", retry_after(found))
    raise Trouble(f"it answers with an error ({found.status})")


def retry_after(found: Fetched, now: datetime | None = None) -> timedelta | None:
    """How long a server asks to wait (RFC 9110, 10.2.3): seconds, or a date."""
    said = found.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit() and len(said) < 8:
        return timedelta(seconds=int(said))
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at - (now or datetime.now(UTC)) if at.tzinfo else None


def _short(header: str | None) -> str | None:
    """As it can be sent back: httpx reads headers in other characters than it writes."""
    return header if header and len(header) <= 300 and header.isascii() and header.isprintable() else None
