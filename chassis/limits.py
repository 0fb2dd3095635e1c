"""Limits to how often something may be tried, kept in the service's database: the same in every process.

A service that has limits makes their tables by `schema.create_limits`, and keeps RULES among its own.

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

from sqlalchemy import text

from chassis.database import Database, Transaction
from chassis.problems import Problem
from chassis.retention import Rule

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
_COUNTED = text("SELECT count FROM limit_count WHERE (what, who, began_at) = (:what, :who, :began_at)")
_SALT_OF = text("SELECT salt FROM limit_salt WHERE day = :day")
_MAKE_SALT = text("INSERT INTO limit_salt (day, salt) VALUES (:day, :salt) ON CONFLICT DO NOTHING")
_FORGET_COUNTS = text("""
    DELETE FROM limit_count WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM limit_count WHERE began_at <= :before LIMIT :rows FOR UPDATE SKIP LOCKED))
""")
_FORGET_SALTS = text("DELETE FROM limit_salt WHERE day < :before")
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


async def check(tx: Transaction, limit: Limit, who: str, now: datetime) -> None:
    """Raise the 429 Problem where `limit` is used up, without counting or locking anything.

    For what many in one network do rightly at the same moment, and where `count` is called for the wrong
    tries alone: as many of these as there are connections may go through beside each other.
    """
    salt: bytes | None = await tx.scalar(_SALT_OF, {"day": now.astimezone(UTC).date()})
    if salt is None:
        return
    began_at = limit.began_at(now)
    tried = {"what": limit.name, "who": hmac.digest(salt, who.encode(), "sha256"), "began_at": began_at}
    if (await tx.scalar(_COUNTED, tried) or 0) >= limit.most:
        raise _too_many(began_at + limit.window - now)


async def _forget_counts(tx: Transaction, now: datetime, most: int) -> int:
    return (await tx.execute(_FORGET_COUNTS, {"before": now - KEPT, "rows": most})).rowcount


async def _forget_salts(tx: Transaction, now: datetime, _most: int) -> int:
    """By whole days, in one statement."""
    return (await tx.execute(_FORGET_SALTS, {"before": (now - KEPT).astimezone(UTC).date()})).rowcount


_NO_GUESSING = "against guessing and floods"
RULES = (
    Rule("counts of tries", "limit_count", KEPT, "they were made", _NO_GUESSING, _forget_counts),
    Rule("salts of these counts", "limit_salt", KEPT, "the day was over", _NO_GUESSING, _forget_salts),
)
"""For the retention of each service that has limits."""


async def _salt_of(tx: Transaction, day: date) -> bytes:
    salt: bytes | None = (await tx.execute(_SALT_OF, {"day": day})).scalar_one_or_none()
    if salt is None:
        await tx.execute(_MAKE_SALT, {"day": day, "salt": secrets.token_bytes(32)})
        salt = (await tx.execute(_SALT_OF, {"day": day})).scalar_one()
    return bytes(salt)


def _too_many(left: timedelta) -> Problem:
    return Problem(
        429,
        "too-many-requests",
        "Too many requests",
        "This was tried too often. Try again later.",
        headers={"Retry-After": str(max(1, round(left.total_seconds())))},
    )
