"""Following a merchant and leaving it again: said twice, it is done once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import outbox
from chassis.database import Transaction
from chassis.history import Source
from chassis.ids import deterministic_id, new_id
from chassis.problems import conflict, not_found
from contracts.campaigns.v1 import MerchantFollowed, MerchantUnfollowed
from contracts.envelope import Event
from services.campaigns.contributors import contributor_of, known_contributor
from services.campaigns.follows.tables import following
from services.campaigns.places.domain import Merchant
from services.campaigns.places.storage import merchant_of_row
from services.campaigns.places.tables import known_merchant

_GOES_ON = following.c.unfollowed_at.is_(None)


async def follow(tx: Transaction, person_id: UUID, merchant_id: UUID, now: datetime) -> datetime:
    """Follow the merchant; since when that is so. Raises 404 for an unknown, 409 for a closed merchant."""
    merchant = await _merchant(tx, merchant_id)
    if merchant.closed:
        raise conflict("merchant-closed", "This merchant is closed, or not listed any more.")
    row = {
        "id": deterministic_id(now, new_id()),
        "city_id": merchant.city_id,
        "merchant_id": merchant_id,
        "contributor_id": await contributor_of(tx, person_id),
        "followed_at": now,
    }
    added = await tx.scalar(
        insert(following)
        .values(row)
        .on_conflict_do_nothing(index_elements=["merchant_id", "contributor_id"], index_where=_GOES_ON)
        .returning(following.c.id)
    )
    if added is not None:
        await outbox.record(tx, _followed(row))
        return now
    since: datetime | None = await tx.scalar(
        select(following.c.followed_at).where(
            following.c.merchant_id == merchant_id,
            following.c.contributor_id == row["contributor_id"],
            _GOES_ON,
        )
    )
    return since or now  # None: left again since, by a request at the same time


async def unfollow(tx: Transaction, person_id: UUID, merchant_id: UUID, now: datetime) -> None:
    """Leave the merchant, if the person follows it."""
    person = following.c.contributor_id == await known_contributor(tx, person_id)
    await end(tx, person & (following.c.merchant_id == merchant_id), now)


async def end(tx: Transaction, which: ColumnElement[bool], now: datetime) -> None:
    """End followings that go on, once, in the order of their ids, and tell it."""
    locked = select(following.c.id).where(which, _GOES_ON).order_by(following.c.id).with_for_update()
    ended = (
        update(following)
        .where(following.c.id.in_((await tx.scalars(locked)).all()))
        .values(unfollowed_at=now)
        .returning(following)
    )
    for row in (await tx.execute(ended)).mappings().all():
        await outbox.record(tx, _unfollowed(row))


async def followers(connection: AsyncConnection, merchant_id: UUID) -> int:
    """How many follow the merchant at present. Raises 404 for one that is unknown or closed."""
    if (await _merchant(connection, merchant_id)).closed:
        raise not_found("merchant")
    counted = select(func.count()).where(following.c.merchant_id == merchant_id, _GOES_ON)
    return (await connection.execute(counted)).scalar_one()


async def _merchant(connection: AsyncConnection, merchant_id: UUID) -> Merchant:
    found = await connection.execute(select(known_merchant).where(known_merchant.c.id == merchant_id))
    row = found.mappings().first()
    merchant = merchant_of_row(row) if row is not None else None
    if merchant is None or not merchant.known:
        raise not_found("merchant")
    return merchant


def _followed(row: Any) -> Event[MerchantFollowed]:
    return Event.of(
        MerchantFollowed(
            city_id=row["city_id"],
            following_id=row["id"],
            merchant_id=row["merchant_id"],
            contributor_id=row["contributor_id"],
        ),
        row["followed_at"],
    )


def _unfollowed(row: Any) -> Event[MerchantUnfollowed]:
    left = MerchantUnfollowed(city_id=row["city_id"], following_id=row["id"], merchant_id=row["merchant_id"])
    return Event.of(left, row["unfollowed_at"])


HISTORY = (
    Source(select(following).order_by(following.c.followed_at), _followed),
    Source(
        select(following).where(following.c.unfollowed_at.is_not(None)).order_by(following.c.unfollowed_at),
        _unfollowed,
    ),
)
