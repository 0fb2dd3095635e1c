"""Keeps what the directory tells of merchants, and finds those who have just got an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis.database import Transaction
from chassis.received import Received
from contracts.directory.v1 import MerchantClaimed
from contracts.envelope import Fact
from services.notifications.merchants.domain import Merchant


class Claim(NamedTuple):
    """Somebody runs a merchant's account from then on."""

    city_id: UUID
    merchant_id: UUID
    claimed_at: datetime
    traceparent: str | None
    event_id: UUID
    first: bool
    """Nobody did before."""


async def project(tx: Transaction, events: Sequence[Received[Fact]]) -> list[Claim]:
    """Apply a batch (in key order) and return the claims in it that are news."""
    facts = {event.fact.key(): event.fact for event in events}
    known = await _locked(tx, [Merchant(merchant, fact.city_id) for merchant, fact in facts.items()])
    after = dict(known)
    claims: list[Claim] = []
    for event in events:
        merchant = after[event.fact.key()]
        if isinstance(event.fact, MerchantClaimed) and event.fact.version > merchant.claimed_version:
            by, first = (event.time, event.traceparent, event.id), not merchant.claimed
            claims.append(Claim(merchant.city_id, merchant.merchant_id, *by, first))
        after[merchant.merchant_id] = merchant.heard(event.fact)
    await _store(tx, [merchant for key, merchant in after.items() if merchant != known[key]])
    return claims


async def make_room(tx: Transaction, cities: Mapping[UUID, UUID]) -> None:
    """An empty row, to be locked, for each merchant (with its city, in key order) that has none."""
    await tx.execute(_STUB, {"merchants": list(cities), "cities": list(cities.values())})


async def _locked(tx: Transaction, unknown: Sequence[Merchant]) -> dict[UUID, Merchant]:
    """The merchants as they are known, locked in key order; new ones get an empty row first."""
    merchants = [each.merchant_id for each in unknown]
    await make_room(tx, {each.merchant_id: each.city_id for each in unknown})
    rows = await tx.execute(_LOCK, {"merchants": merchants})
    return {row[0]: Merchant(*row)._replace(district_ids=tuple(row[6])) for row in rows}


async def _store(tx: Transaction, merchants: Sequence[Merchant]) -> None:
    # One statement each: arrays of arrays of unequal length do not exist in SQL, and this is no hot path.
    if merchants:
        await tx.execute(
            _STORE, [{**each._asdict(), "district_ids": list(each.district_ids)} for each in merchants]
        )


_STUB = text("""
    INSERT INTO merchant (merchant_id, city_id, public_version, claimed_version, closed_version, district_ids)
    SELECT merchant_id, city_id, 0, 0, 0, '{}'
    FROM unnest(CAST(:merchants AS uuid[]), CAST(:cities AS uuid[])) AS seen (merchant_id, city_id)
    ON CONFLICT (merchant_id) DO NOTHING
""")
_LOCK = text("""
    SELECT merchant_id, city_id, public_version, claimed_version, closed_version, kind, district_ids
    FROM merchant WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) ORDER BY merchant_id FOR UPDATE
""")
_STORE = text("""
    UPDATE merchant
    SET public_version = :public_version, claimed_version = :claimed_version,
        closed_version = :closed_version, kind = :kind, district_ids = CAST(:district_ids AS uuid[])
    WHERE merchant_id = :merchant_id AND city_id = :city_id
""")
