"""What a look found is recorded, and what its source shows no more is shown here no more."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from services.campaigns.contributions.domain import brussels_day
from services.campaigns.elsewhere.domain import FoundPost, Source
from services.campaigns.elsewhere.record import hide_post, locked_post, record_post
from services.campaigns.elsewhere.standing import stands
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.platforms.addresses import address_of
from services.campaigns.watch.domain import Finding, Look, SourceKind, plausible, via
from services.campaigns.watch.matching import about
from services.campaigns.watch.tables import watched_item

_PLATFORMS = {SourceKind.MANGROVE: "mangrove", SourceKind.FEDIVERSE: "fediverse"}
"""A feed's entries are of the site they lead to."""


async def keep(tx: Transaction, source: dict[str, Any], look: Look, public_url: str, now: datetime) -> int:
    """Record what was found, and take back what was deleted there; how many are new."""
    new, urls = 0, set[str]()
    # By address, so that two sources with the same posts lock them in the same order.
    for finding in sorted(look.findings, key=lambda each: each.url):
        posted_at = plausible(finding.posted_at, now)
        post = _post(finding, posted_at, source)
        if post is None or post.url in urls:
            continue
        whom = await about(tx, source["city_id"], finding, public_url)
        if whom is None:
            continue
        urls.add(post.url)
        recorded = await record_post(tx, post, now, merchant_id=whom.merchant_id, city_id=source["city_id"])
        new += recorded.is_new
        await _know(tx, source, post.url, now, post_id=recorded.id, posted_at=posted_at)
    if (since := plausible(look.whole_since, now)) is not None:
        await _forget_deleted(tx, source["id"], since, urls, now)
    return new


async def drop(tx: Transaction, source_id: UUID, urls: list[str] | None, now: datetime) -> None:
    """The source shows these no more (None: it is not watched any more)."""
    where = watched_item.c.source_id == source_id
    if urls is not None:
        where &= watched_item.c.url.in_(urls)
    gone = sorted(
        (await tx.scalars(delete(watched_item).where(where).returning(watched_item.c.post_id))).all()
    )
    for post_id in gone:
        post = await locked_post(tx, seen_post.c.id == post_id)
        if post is not None and not await stands(tx, post_id):
            await hide_post(tx, post, now)


def _post(finding: Finding, posted_at: datetime | None, source: dict[str, Any]) -> FoundPost | None:
    try:
        address = address_of(finding.url, any_host=True)
    except ValueError:
        return None  # nothing that people could open
    kind = SourceKind(source["kind"])
    return FoundPost(
        platform=_PLATFORMS.get(kind, address.platform),
        url=address.url,
        kind=finding.kind,
        source=Source.OPEN,
        via=via(kind, source["address"], source["tag"]),
        day=brussels_day(posted_at) if posted_at else None,
        excerpt=finding.excerpt.replace("\x00", ""),  # PostgreSQL keeps no NUL
    )


async def _know(tx: Transaction, source: dict[str, Any], url: str, now: datetime, **seen: Any) -> None:
    row = {"source_id": source["id"], "url": url, "city_id": source["city_id"], "checked_at": now, **seen}
    known = insert(watched_item).values(row)
    renewed = {"checked_at": now, **seen}
    await tx.execute(known.on_conflict_do_update(index_elements=["source_id", "url"], set_=renewed))


async def _forget_deleted(
    tx: Transaction, source_id: UUID, since: datetime, urls: set[str], now: datetime
) -> None:
    known = select(watched_item.c.url).where(
        watched_item.c.source_id == source_id, watched_item.c.posted_at >= since
    )
    if gone := sorted(set((await tx.scalars(known)).all()) - urls):
        await drop(tx, source_id, gone, now)
