"""Visits by ambassadors' links, a sum for each link and day: of two tellings the higher version holds.

Any order of delivery, and any repetition, ends in the same sums and figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Integer, MetaData, Table, Uuid, text

from chassis.database import Transaction
from chassis.received import Received
from contracts.campaigns.v1 import ShareLinkVisitsCounted
from contracts.envelope import Fact
from services.notifications.contributions.domain import VISIT, Figure
from services.notifications.merchants.erased import erased_among

TYPES: tuple[type[Fact], ...] = (ShareLinkVisitsCounted,)
_OF_AMBASSADORS = "share"


def visit_count_table(name: str, metadata: MetaData) -> Table:
    """The sums one reader knows of."""
    return Table(
        name,
        metadata,
        Column("merchant_id", Uuid, primary_key=True),
        Column("count_id", Uuid, primary_key=True),
        Column("city_id", Uuid, nullable=False),
        Column("day", Date, nullable=False),
        Column("visits", BigInteger, nullable=False),
        Column("version", Integer, nullable=False),
    )


class VisitCount(NamedTuple):
    """The sum of one link to a shop on one day, as one telling has it."""

    merchant_id: UUID
    count_id: UUID
    city_id: UUID
    day: date
    visits: int
    version: int

    @property
    def key(self) -> tuple[UUID, UUID]:
        """Rows are locked in this order by everyone."""
        return self.merchant_id, self.count_id


def counts_in(events: Sequence[Received[Fact]]) -> list[VisitCount]:
    """The newest of each sum, in key order.

    A shop's own QR code and a campaign's link are passed over: nobody recommended the shop by them.
    """
    newest: dict[tuple[UUID, UUID], VisitCount] = {}
    for event in events:
        fact = event.fact
        if not isinstance(fact, ShareLinkVisitsCounted):
            continue
        if fact.kind != _OF_AMBASSADORS or fact.merchant_id is None:
            continue
        told = VisitCount(fact.merchant_id, fact.count_id, fact.city_id, fact.day, fact.visits, fact.version)
        known = newest.get(told.key)
        if known is None or known.version < told.version:
            newest[told.key] = told
    return [newest[key] for key in sorted(newest)]


class VisitRegister:
    """The sums one reader has counted, in a table of its own."""

    def __init__(self, table: str) -> None:
        self._make = text(_MAKE.format(table=table))
        self._lock = text(_LOCK.format(table=table))
        self._raise = text(_RAISE.format(table=table))

    async def settle(self, tx: Transaction, seen: Sequence[VisitCount]) -> list[tuple[Figure, int]]:
        """Keep what is newer (`seen` in key order), and return how the figures change, in their order."""
        gone = await erased_among(tx, [each.merchant_id for each in seen]) if seen else set()
        living = [each for each in seen if each.merchant_id not in gone]
        if not living:
            return []
        keys = {
            "merchants": [each.merchant_id for each in living],
            "ids": [each.count_id for each in living],
        }
        places = {"cities": [each.city_id for each in living], "days": [each.day for each in living]}
        await tx.execute(self._make, keys | places)
        known = {(row[0], row[1]): VisitCount(*row) for row in await tx.execute(self._lock, keys)}
        newer = [each for each in living if each.version > known[each.key].version]
        if newer:
            await tx.execute(self._raise, _raised(newer))
        changes: dict[Figure, int] = {}
        for each in newer:
            figure = Figure(each.merchant_id, known[each.key].day, VISIT, each.city_id)
            changes[figure] = changes.get(figure, 0) + each.visits - known[each.key].visits
        return sorted((figure, change) for figure, change in changes.items() if change)


def _raised(newer: Sequence[VisitCount]) -> dict[str, list[object]]:
    return {
        "merchants": [each.merchant_id for each in newer],
        "ids": [each.count_id for each in newer],
        "visits": [each.visits for each in newer],
        "versions": [each.version for each in newer],
    }


# Version 0 is older than whatever is told.
_MAKE = """
    INSERT INTO {table} (merchant_id, count_id, city_id, day, visits, version)
    SELECT *, 0, 0
    FROM unnest(CAST(:merchants AS uuid[]), CAST(:ids AS uuid[]), CAST(:cities AS uuid[]),
                CAST(:days AS date[]))
    ON CONFLICT DO NOTHING
"""
_LOCK = """
    SELECT merchant_id, count_id, city_id, day, visits, version FROM {table}
    WHERE (merchant_id, count_id) IN (
        SELECT * FROM unnest(CAST(:merchants AS uuid[]), CAST(:ids AS uuid[])))
    ORDER BY merchant_id, count_id
    FOR UPDATE
"""
_RAISE = """
    UPDATE {table} AS known SET visits = seen.visits, version = seen.version
    FROM unnest(CAST(:merchants AS uuid[]), CAST(:ids AS uuid[]), CAST(:visits AS bigint[]),
                CAST(:versions AS integer[]))
         AS seen (merchant_id, count_id, visits, version)
    WHERE known.merchant_id = seen.merchant_id AND known.count_id = seen.count_id
"""
