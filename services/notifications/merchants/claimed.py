"""Which merchants have an account and can be told something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import Transaction
from services.notifications.merchants.projection import make_room

# A merchant that was listed again after it closed is open.
ACTIVE = "claimed_version > 0 AND closed_version <= public_version"
"""SQL: whether a merchant has an account and is open."""


async def claimed_among(tx: Transaction, cities: Mapping[UUID, UUID]) -> set[UUID]:
    """Those of the merchants (each with its city) with an account.

    Their rows are held against a claim until the end of the transaction: either the claim comes first and
    they are told, or it comes after and its welcome sums up what was not.
    """
    merchants = sorted(cities)
    # A merchant nobody has told of yet has no row that could be held.
    await make_room(tx, {merchant: cities[merchant] for merchant in merchants})
    rows = await tx.execute(_AMONG, {"merchants": merchants})
    return {merchant for merchant, active in rows if active}


async def claimed_in_area(
    tx: Transaction, city: UUID, districts: Sequence[UUID], kinds: Sequence[str], chosen: Sequence[UUID] = ()
) -> list[UUID]:
    """Merchants with an account in a city, in any of `districts`, of any of `kinds`, among those `chosen`.

    None means all, each time.
    """
    columns = {"city": city, "districts": list(districts), "kinds": list(kinds), "chosen": list(chosen)}
    return list((await tx.execute(_IN_AREA, columns)).scalars())


async def city_of(connection: AsyncConnection, merchant: UUID) -> UUID | None:
    """The city a merchant belongs to, or None where it was never heard of."""
    found = await connection.execute(
        text("SELECT city_id FROM merchant WHERE merchant_id = :merchant"), {"merchant": merchant}
    )
    return found.scalar_one_or_none()


_AMONG = text(f"""
    SELECT merchant_id, {ACTIVE} FROM merchant
    WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) ORDER BY merchant_id FOR SHARE
""")  # noqa: S608  a constant
_IN_AREA = text(f"""
    SELECT merchant_id FROM merchant
    WHERE city_id = :city AND {ACTIVE}
      AND (CAST(:districts AS uuid[]) = '{{}}' OR district_ids && CAST(:districts AS uuid[]))
      AND (CAST(:kinds AS text[]) = '{{}}' OR kind = ANY(CAST(:kinds AS text[])))
      AND (CAST(:chosen AS uuid[]) = '{{}}' OR merchant_id = ANY(CAST(:chosen AS uuid[])))
    ORDER BY merchant_id
""")  # noqa: S608  a constant
