"""What is seen elsewhere of somebody's shop, and who noted it or took it down."""

from __future__ import annotations

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from chassis.identity import Principal
from chassis.personal_data import Erasure, Holding, Rows, cut, own_merchants, rows
from services.campaigns.elsewhere.tables import noted_count, noted_count_version, seen_post, seen_post_change
from services.campaigns.handed_in import personal_data as handed_in
from services.campaigns.handed_in.tables import hand_in, post_report
from services.campaigns.profiles.tables import merchant_profile
from services.campaigns.watch.tables import watched_item


async def _show_posts(connection: AsyncConnection, principal: Principal) -> Rows:
    post = seen_post.c
    shown = select(post.merchant_id, post.platform, post.url, post.kind, post.day, post.source, post.shown)
    own = post.merchant_id.in_(own_merchants(principal))
    return await rows(connection, shown.where(own).order_by(post.id))


async def _show_counts(connection: AsyncConnection, principal: Principal) -> Rows:
    count = noted_count.c
    columns = count.merchant_id, count.platform, count.measure, count.day, count.figure, count.scale
    own = count.merchant_id.in_(own_merchants(principal))
    return await rows(connection, select(*columns, count.source).where(own).order_by(count.id))


async def _delete_posts(tx: Transaction, asked: Erasure) -> None:
    """Of shops that are closed with their owner: what is said of them, is said of that person."""
    of = select(seen_post.c.id).where(seen_post.c.merchant_id.in_(asked.closed_merchants))
    for table in (hand_in, post_report, seen_post_change, watched_item):
        await tx.execute(delete(table).where(table.c.post_id.in_(of)))
    await tx.execute(delete(seen_post).where(seen_post.c.merchant_id.in_(asked.closed_merchants)))


async def _delete_counts(tx: Transaction, asked: Erasure) -> None:
    """The same."""
    of = select(noted_count.c.id).where(noted_count.c.merchant_id.in_(asked.closed_merchants))
    await tx.execute(delete(noted_count_version).where(noted_count_version.c.count_id.in_(of)))
    await tx.execute(delete(noted_count).where(noted_count.c.merchant_id.in_(asked.closed_merchants)))


async def _show_profiles(connection: AsyncConnection, principal: Principal) -> Rows:
    profile = merchant_profile.c
    columns = profile.merchant_id, profile.platform, profile.url, profile.stated_at, profile.checked_at
    of = (profile.person_id == principal.person_id) | profile.merchant_id.in_(own_merchants(principal))
    return await rows(connection, select(*columns).where(of).order_by(profile.id))


async def _forget_profiles(tx: Transaction, asked: Erasure) -> None:
    """What a shop that goes on has elsewhere stays, without who said so."""
    of = merchant_profile.c.merchant_id.in_(asked.closed_merchants)
    await tx.execute(delete(merchant_profile).where(of))
    own = merchant_profile.c.person_id == asked.person_id
    await tx.execute(update(merchant_profile).where(own).values(person_id=None))


_changed, _noted = seen_post_change.c, noted_count_version.c
HOLDINGS = (
    cut("posts elsewhere taken down", _changed.person_id, _changed.post_id, _changed.shown, _changed.at),
    cut("counts elsewhere noted", _noted.person_id, _noted.count_id, _noted.figure, _noted.scale, _noted.at),
    Holding("profiles elsewhere", (merchant_profile.c.person_id,), _show_profiles, _forget_profiles),
    Holding("posts elsewhere about own shops", (), _show_posts, _delete_posts),
    Holding("counts elsewhere of own shops", (), _show_counts, _delete_counts),
    *handed_in.HOLDINGS,
)
