"""One consumer per slot; that of the slot nobody wants waits at its gate."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from uuid import UUID

from chassis.consumer import Consumer
from chassis.database import Database
from services.notifications.audience.projection import AudienceProjection
from services.notifications.audience.slots import COUNTED, Slot
from services.notifications.audience.state import StateWatch, inbox_name

Changed = Callable[[Collection[UUID]], None]


def audience_consumers(database: Database, changed: Changed) -> list[Consumer]:
    """The consumers of both slots, sharing one view of which is wanted. `changed` is told of merchants."""
    watch = StateWatch(database)
    return [_consumer(slot, watch, changed) for slot in Slot]


def _consumer(slot: Slot, watch: StateWatch, changed: Changed) -> Consumer:
    return Consumer(
        slot.durable,
        COUNTED,
        AudienceProjection(slot, changed).apply,
        inbox_name=lambda: inbox_name(slot, watch.last_seen),
        # Whatever counts does so once however old it is, because its row is kept: no age to refuse.
        horizon=None,
        gate=partial(watch.wait_until_wanted, slot),
    )
