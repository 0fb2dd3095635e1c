"""Counts contributions, answers and visits per merchant, day and kind into one slot. Has no outward effect.

The hot path: two statements for a batch in which all is new.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import text

from chassis.database import Transaction, after_commit
from chassis.received import Received
from contracts.envelope import Fact
from services.notifications.audience.slots import Slot
from services.notifications.contributions.domain import Figure
from services.notifications.contributions.facts import answers_in, contributions_in
from services.notifications.contributions.register import Register
from services.notifications.visits.counts import VisitRegister, counts_in


class AudienceProjection:
    """Fills one slot, and says whose figures changed to `changed`, after the commit."""

    def __init__(self, slot: Slot, changed: Callable[[Collection[UUID]], None]) -> None:
        self._changed = changed
        self._register = Register(slot.contributions)
        self._visits = VisitRegister(slot.visits)
        self._add = text(_ADD.format(table=slot.days))

    async def apply(self, tx: Transaction, events: Sequence[Received[Fact]]) -> None:
        """Count a batch. Locks contributions first, then visits, then figures, all in key order."""
        seen = contributions_in(events)
        if answers := answers_in(events):
            seen = sorted([*seen, *answers], key=lambda each: each.key)
        changes = await self._register.settle(tx, seen)
        if visits := counts_in(events):
            changes = sorted([*changes, *await self._visits.settle(tx, visits)])
        if changes:
            await tx.execute(self._add, _columns(changes))
            after_commit(tx, partial(self._changed, {figure.merchant_id for figure, _ in changes}))


def _columns(changes: Sequence[tuple[Figure, int]]) -> dict[str, list[object]]:
    figures = [figure for figure, _ in changes]
    return {
        "merchants": [figure.merchant_id for figure in figures],
        "days": [figure.day for figure in figures],
        "kinds": [figure.kind for figure in figures],
        "cities": [figure.city_id for figure in figures],
        "changes": [change for _, change in changes],
    }


_ADD = """
    INSERT INTO {table} AS known (merchant_id, day, kind, city_id, count)
    SELECT * FROM unnest(CAST(:merchants AS uuid[]), CAST(:days AS date[]), CAST(:kinds AS text[]),
                         CAST(:cities AS uuid[]), CAST(:changes AS integer[]))
    ON CONFLICT (merchant_id, day, kind) DO UPDATE SET count = known.count + EXCLUDED.count
"""
