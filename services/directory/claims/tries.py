"""Wrong codes are limited by the day: for a shop, for a person, for a network.

A try is taken before the code is looked at and given back where it was right, in one transaction. The rows
stay locked until it ends, so that guesses sent side by side are counted one after the other.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Transaction
from chassis.problems import Problem
from services.directory.claims.tables import claim_salt, claim_try

MOST_FOR_A_SHOP = 10
MOST_FOR_A_PERSON = 10
MOST_FOR_A_NETWORK = 50
"""A town hall or a café is one network for many people."""
_DAY = timedelta(days=1)
_SALT_BYTES = 32

# Sorted, so that two that share some keys lock them in the same order.
_TAKE = text("""
    INSERT INTO claim_try AS known (day, key, wrong)
    SELECT CAST(:day AS date), key, 1 FROM unnest(CAST(:keys AS bytea[])) AS key ORDER BY key
    ON CONFLICT (day, key) DO UPDATE SET wrong = known.wrong + 1
    RETURNING key, wrong
""")
_GIVE_BACK = text("""
    UPDATE claim_try SET wrong = wrong - 1 WHERE day = :day AND key = ANY(CAST(:keys AS bytea[]))
""")


@dataclass(frozen=True)
class Try:
    """Who tries what from where."""

    merchant_id: UUID
    person_id: UUID
    address: str
    """The address the request came from; anything else where it is not known."""

    def limits(self) -> list[tuple[str, int]]:
        """What it is counted under, and how many wrong ones each may have in a day."""
        limits = [
            (f"shop {self.merchant_id}", MOST_FOR_A_SHOP),
            (f"person {self.person_id}", MOST_FOR_A_PERSON),
        ]
        if (network := network_of(self.address)) is not None:
            limits.append((f"network {network}", MOST_FOR_A_NETWORK))
        return limits


def network_of(address: str | None) -> str | None:
    """What one household or office is given by its provider: /24 of IPv4, /48 of IPv6."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return None
    return str(ip_network((known, 24 if known.version == 4 else 48), strict=False))


@dataclass(frozen=True)
class Taken:
    """A try that was taken, to be given back where the code was right."""

    at: datetime
    keys: Sequence[bytes]

    async def give_back(self, tx: Transaction) -> None:
        await tx.execute(_GIVE_BACK, {"day": self.at.date(), "keys": self.keys})


async def take(tx: Transaction, tried: Try, at: datetime) -> Taken:
    """One more try. Raises 429 where the day's are used up, whatever the code would have been."""
    salt = await _salt(tx, at)
    limits = {hmac.digest(salt, name.encode(), "sha256"): most for name, most in tried.limits()}
    keys = sorted(limits)
    rows = await tx.execute(_TAKE, {"day": at.date(), "keys": keys})
    if any(wrong > limits[bytes(key)] for key, wrong in rows):
        raise _too_many(at)
    return Taken(at, keys)


async def forget(tx: Transaction, at: datetime) -> None:
    """Delete what days before `at` counted, and what it was hashed with."""
    for table in (claim_try, claim_salt):
        await tx.execute(delete(table).where(table.c.day < at.date()))


async def _salt(tx: Transaction, at: datetime) -> bytes:
    made = {"day": at.date(), "salt": secrets.token_bytes(_SALT_BYTES)}
    wanted = select(claim_salt.c.salt).where(claim_salt.c.day == at.date())
    known = (await tx.execute(wanted)).scalar_one_or_none()
    if known is None:
        await tx.execute(insert(claim_salt).values(made).on_conflict_do_nothing())
        known = (await tx.execute(wanted)).scalar_one()
    return bytes(known)


def _too_many(at: datetime) -> Problem:
    tomorrow = datetime.combine((at + _DAY).date(), datetime.min.time(), tzinfo=at.tzinfo)
    return Problem(
        429,
        "too-many-codes",
        "Too many wrong codes",
        "Too many wrong codes were tried today. Try again tomorrow, or ask your city.",
        field="code",
        headers={"Retry-After": str(int((tomorrow - at).total_seconds()) + 1)},
    )
