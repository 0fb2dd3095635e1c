"""Stores contributions so that each counts once, whatever the order and however often it is delivered.

The hot path of the service: a batch is a look at what is to stay forgotten and one insert, and two
statements more where something of it was already known. Locks are taken in key order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import TextClause, text

from chassis.database import Transaction
from services.notifications.contributions.domain import Contribution, Figure, Key, deltas, merge
from services.notifications.merchants.erased import erased_among


class Register:
    """The contributions one reader has counted, in a table of its own (see tables.contribution_table)."""

    def __init__(self, table: str) -> None:
        self._insert = text(_INSERT.format(table=table))
        self._lock = text(_LOCK.format(table=table))
        self._update = text(_UPDATE.format(table=table))

    async def settle(self, tx: Transaction, seen: Sequence[Contribution]) -> list[tuple[Figure, int]]:
        """Keep what `seen` adds (gathered, in key order) and return how the figures change."""
        seen = await _of_living(tx, seen)
        if not seen:
            return []
        new = await _keys(tx, self._insert, _columns(seen))
        if len(new) == len(seen):
            return deltas({}, seen)
        known = await self._locked(tx, [c for c in seen if c.key not in new])
        merged = [merge(known[c.key], c) if c.key in known else c for c in seen]
        changed = [c for c in merged if c.key in known and c != known[c.key]]
        if changed:
            columns = _columns(changed)
            del columns["cities"]  # a contribution stays in its city
            await tx.execute(self._update, columns)
        return deltas(known, merged)

    async def _locked(self, tx: Transaction, seen: Sequence[Contribution]) -> dict[Key, Contribution]:
        keys = {"merchants": [c.merchant_id for c in seen], "ids": [c.contribution_id for c in seen]}
        rows = [Contribution(*row) for row in await tx.execute(self._lock, keys)]
        return {row.key: row for row in rows}


async def _of_living(tx: Transaction, seen: Sequence[Contribution]) -> Sequence[Contribution]:
    gone = await erased_among(tx, [c.merchant_id for c in seen]) if seen else set()
    return [c for c in seen if c.merchant_id not in gone] if gone else seen


async def _keys(tx: Transaction, statement: TextClause, columns: dict[str, Any]) -> set[Key]:
    return {Key(*row) for row in await tx.execute(statement, columns)}


def _columns(rows: Sequence[Contribution]) -> dict[str, Any]:
    columns = map(list, zip(*rows, strict=True))
    merchants, ids, cities, kinds, days, withdrawn, versions, removed, authors = columns
    return {
        "merchants": merchants,
        "ids": ids,
        "cities": cities,
        "kinds": kinds,
        "days": days,
        "withdrawn": withdrawn,
        "versions": versions,
        "removed": removed,
        "authors": authors,
    }


_INSERT = """
    INSERT INTO {table}
        (merchant_id, contribution_id, city_id, kind, day, withdrawn, standing_version, removed, author)
    SELECT * FROM unnest(CAST(:merchants AS uuid[]), CAST(:ids AS uuid[]), CAST(:cities AS uuid[]),
                         CAST(:kinds AS text[]), CAST(:days AS date[]), CAST(:withdrawn AS boolean[]),
                         CAST(:versions AS integer[]), CAST(:removed AS boolean[]),
                         CAST(:authors AS bigint[]))
    ON CONFLICT DO NOTHING
    RETURNING merchant_id, contribution_id
"""
_LOCK = """
    SELECT merchant_id, contribution_id, city_id, kind, day, withdrawn, standing_version, removed, author
    FROM {table}
    WHERE (merchant_id, contribution_id) IN (
        SELECT * FROM unnest(CAST(:merchants AS uuid[]), CAST(:ids AS uuid[])))
    ORDER BY merchant_id, contribution_id
    FOR UPDATE
"""
_UPDATE = """
    UPDATE {table} AS known SET kind = seen.kind, day = seen.day, withdrawn = seen.withdrawn,
           standing_version = seen.standing_version, removed = seen.removed, author = seen.author
    FROM unnest(CAST(:merchants AS uuid[]), CAST(:ids AS uuid[]), CAST(:kinds AS text[]),
                CAST(:days AS date[]), CAST(:withdrawn AS boolean[]), CAST(:versions AS integer[]),
                CAST(:removed AS boolean[]), CAST(:authors AS bigint[]))
         AS seen (merchant_id, contribution_id, kind, day, withdrawn, standing_version, removed, author)
    WHERE known.merchant_id = seen.merchant_id AND known.contribution_id = seen.contribution_id
"""
