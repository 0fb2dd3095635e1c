"""The audience is kept twice over: one slot is live, the other is free for a rebuild beside it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Column, Date, DateTime, Integer, MetaData, Table, Text, Uuid

from contracts.streams import Durable, durable_for
from services.notifications.contributions.facts import ANSWERS, TYPES
from services.notifications.contributions.tables import contribution_table
from services.notifications.metadata import metadata
from services.notifications.visits import counts
from services.notifications.visits.counts import visit_count_table

COUNTED = (*TYPES, *ANSWERS, *counts.TYPES)
"""What an audience is made of."""


class Slot(StrEnum):
    """Two sets of tables of the same shape."""

    blue = "blue"
    green = "green"

    @property
    def other(self) -> Slot:
        return Slot.green if self is Slot.blue else Slot.blue

    @property
    def contributions(self) -> str:
        """Name of the table of what is counted."""
        return f"audience_contribution_{self}"

    @property
    def visits(self) -> str:
        """Name of the table of visits by ambassadors' links."""
        return f"audience_visits_{self}"

    @property
    def days(self) -> str:
        """Name of the table of the figures."""
        return f"audience_day_{self}"

    @property
    def durable(self) -> Durable:
        return durable_for(f"notifications__audience_{self}", COUNTED)


def _day_table(slot: Slot, into: MetaData) -> Table:
    return Table(
        slot.days,
        into,
        Column("merchant_id", Uuid, primary_key=True),
        Column("day", Date, primary_key=True),
        Column("kind", Text, primary_key=True),
        Column("city_id", Uuid, nullable=False),
        Column("count", Integer, nullable=False),
    )


for _slot in Slot:
    contribution_table(_slot.contributions, metadata)
    visit_count_table(_slot.visits, metadata)
    _day_table(_slot, metadata)

# Which slot is live, and whether the other is being filled. One row, named `audience`.
projection = Table(
    "projection",
    metadata,
    Column("name", Text, primary_key=True),
    Column("live_slot", Text, nullable=False),
    Column("live_generation", Integer, nullable=False),
    # Never falls, so that no two fillings of a slot share a name, given-up ones included.
    Column("last_generation", Integer, nullable=False),
    Column("rebuild_generation", Integer),
    Column("rebuild_started_at", DateTime(timezone=True)),
    Column("switched_at", DateTime(timezone=True)),
)
