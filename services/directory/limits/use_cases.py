"""Limits to how often something may be tried, kept in the database: the same in every process.

Addresses and networks are kept as hashes under a salt that changes every day, for a day (KEPT), against abuse
and for nothing else. Windows are fixed: around the change of one, twice as many may go through.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database, Transaction
from chassis.problems import Problem
from services.directory.limits.tables import limit_salt

KEPT = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Limit:
    """`most` times within `window` (a day at most) for each address, network, whatever is counted.

    Its name is its own: what is counted under it is told apart by that.
    """

    name: str
    most: int
    window: timedelta

    def began_at(self, now: datetime) -> datetime:
        """When the window of `now` began."""
        return _EPOCH + (now - _EPOCH) // self.window * self.window


Tried = Collection[tuple[Limit, str]]
"""What is counted under which limit."""

# Sorted, so that two that share some rows lock them in the same order.
_TAKE = text("""
    INSERT INTO limit_count AS known (what, who, began_at, count)
    SELECT what, who, began_at, 1
    FROM unnest(CAST(:what AS text[]), CAST(:who AS bytea[]), CAST(:began_at AS timestamptz[]))
         AS tried (what, who, began_at)
    ORDER BY what, who
    ON CONFLICT (what, who, began_at) DO UPDATE SET count = known.count + 1
    RETURNING what, count
""")
_GIVE_BACK = text("""
    UPDATE limit_count known SET count = known.count - 1
    FROM unnest(CAST(:what AS text[]), CAST(:who AS bytea[]), CAST(:began_at AS timestamptz[]))
         AS tried (what, who, began_at)
    WHERE (known.what, known.who, known.began_at) = (tried.what, tried.who, tried.began_at)
""")


@dataclass(frozen=True)
class Taken:
    """Tries that were counted, to be given back where they were good ones."""

    rows: dict[str, list[Any]]

    async def give_back(self, tx: Transaction) -> None:
        """As if they had not been."""
        await tx.execute(_GIVE_BACK, self.rows)


async def take(tx: Transaction, tried: Tried, now: datetime) -> Taken:
    """One more try under each of these limits. Raises a 429 Problem where that is one too many for any.

    The counts stay locked until `tx` ends, so that tries sent side by side are counted one after the other.
    """
    salt = await _salt_of(tx, now.astimezone(UTC).date())
    rows: dict[str, list[Any]] = {
        "what": [limit.name for limit, _ in tried],
        "who": [hmac.digest(salt, who.encode(), "sha256") for _, who in tried],
        "began_at": [limit.began_at(now) for limit, _ in tried],
    }
    counts: dict[str, int] = {row["what"]: row["count"] for row in (await tx.execute(_TAKE, rows)).mappings()}
    if exceeded := [limit for limit, _ in tried if counts[limit.name] > limit.most]:
        raise _too_many(max(limit.began_at(now) + limit.window - now for limit in exceeded))
    return Taken(rows)


async def count(database: Database, limit: Limit, who: str, now: datetime) -> None:
    """One more try. Raises a 429 Problem where that is one too many.

    Counted in a transaction of its own: what is refused afterwards was a try all the same.
    """
    async with database.transaction() as tx:
        await take(tx, [(limit, who)], now)


async def _salt_of(tx: Transaction, day: date) -> bytes:
    known = select(limit_salt.c.salt).where(limit_salt.c.day == day)
    salt: bytes | None = (await tx.execute(known)).scalar_one_or_none()
    if salt is None:
        making = insert(limit_salt).values(day=day, salt=secrets.token_bytes(32)).on_conflict_do_nothing()
        await tx.execute(making)
        salt = (await tx.execute(known)).scalar_one()
    return bytes(salt)


def _too_many(left: timedelta) -> Problem:
    return Problem(
        429,
        "too-many-requests",
        "Too many requests",
        "This was tried too often. Try again later.",
        headers={"Retry-After": str(max(1, round(left.total_seconds())))},
    )
