"""Limits to how often something may be tried, kept in the database: the same in every process.

Addresses and networks are kept as hashes under a salt that changes every day, for a day (KEPT), against abuse
and for nothing else. Windows are fixed: around the change of one, twice as many may go through.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database, Transaction
from chassis.problems import Problem
from services.directory.limits.tables import limit_count, limit_salt

KEPT = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Limit:
    """`most` times within `window` (a day at most) for each address, network, whatever is counted."""

    name: str
    most: int
    window: timedelta

    def began_at(self, now: datetime) -> datetime:
        """When the window of `now` began."""
        return _EPOCH + (now - _EPOCH) // self.window * self.window


async def count(database: Database, limit: Limit, who: str, now: datetime) -> None:
    """One more try. Raises a 429 Problem where that is one too many.

    Counted in a transaction of its own: what is refused afterwards was a try all the same.
    """
    began = limit.began_at(now)
    async with database.transaction() as tx:
        hidden = hmac.digest(await _salt_of(tx, now.astimezone(UTC).date()), who.encode(), "sha256")
        values: dict[str, Any] = {"what": limit.name, "who": hidden, "began_at": began, "count": 1}
        counting = (
            insert(limit_count)
            .values(values)
            .on_conflict_do_update(
                index_elements=[limit_count.c.what, limit_count.c.who, limit_count.c.began_at],
                set_={"count": limit_count.c.count + 1},
            )
            .returning(limit_count.c.count)
        )
        tries: int = (await tx.execute(counting)).scalar_one()
    if tries > limit.most:
        raise _too_many(began + limit.window - now)


async def purge(tx: Transaction, now: datetime) -> None:
    """Forget who tried what more than a day ago."""
    await tx.execute(delete(limit_count).where(limit_count.c.began_at < now - KEPT))
    await tx.execute(delete(limit_salt).where(limit_salt.c.day < (now - KEPT).astimezone(UTC).date()))


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
