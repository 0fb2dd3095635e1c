"""The reaction's own counts: per merchant and kind, reversible, each contribution once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from chassis.database import Transaction
from services.notifications.contributions.domain import Contribution, Figure
from services.notifications.contributions.register import Register

_REGISTER = Register("milestone_contribution")


class Count(NamedTuple):
    """How a count changed."""

    merchant_id: UUID
    kind: str
    city_id: UUID
    before: int
    after: int


async def count(tx: Transaction, seen: Sequence[Contribution]) -> list[Count]:
    """Add `seen` to the counts and return those that changed, in key order.

    The rows stay locked until the end: what one worker finds here no other can find at the same time.
    """
    nobody_is_counted = [each._replace(author=None) for each in seen]
    changes = _per_merchant_and_kind(await _REGISTER.settle(tx, nobody_is_counted))
    if not changes:
        return []
    columns = {
        "merchants": [merchant for merchant, _, _ in changes],
        "kinds": [kind for _, kind, _ in changes],
        "cities": [city for _, _, city in changes],
        "changes": list(changes.values()),
    }
    rows = await tx.execute(_ADD, columns)
    by_key = {(merchant, kind, city): after for merchant, kind, city, after in rows}
    return [Count(*key, before=by_key[key] - change, after=by_key[key]) for key, change in changes.items()]


async def totals(tx: Transaction, merchants: Sequence[UUID]) -> Mapping[UUID, dict[str, int]]:
    """What has been counted for `merchants`, per kind; kinds without anything are left out."""
    found: dict[UUID, dict[str, int]] = {}
    for merchant, kind, amount in await tx.execute(_TOTALS, {"merchants": list(merchants)}):
        found.setdefault(merchant, {})[kind] = amount
    return found


def _per_merchant_and_kind(changes: Sequence[tuple[Figure, int]]) -> dict[tuple[UUID, str, UUID], int]:
    summed: dict[tuple[UUID, str, UUID], int] = {}
    for figure, change in changes:
        key = (figure.merchant_id, figure.kind, figure.city_id)
        summed[key] = summed.get(key, 0) + change
    return {key: summed[key] for key in sorted(summed) if summed[key]}


_ADD = text("""
    INSERT INTO milestone_count AS known (merchant_id, kind, city_id, count)
    SELECT * FROM unnest(CAST(:merchants AS uuid[]), CAST(:kinds AS text[]), CAST(:cities AS uuid[]),
                         CAST(:changes AS integer[]))
    ON CONFLICT (merchant_id, kind) DO UPDATE SET count = known.count + EXCLUDED.count
    RETURNING merchant_id, kind, city_id, count
""")
_TOTALS = text("""
    SELECT merchant_id, kind, count FROM milestone_count
    WHERE merchant_id = ANY(CAST(:merchants AS uuid[])) AND count > 0
    ORDER BY merchant_id, kind
""")
