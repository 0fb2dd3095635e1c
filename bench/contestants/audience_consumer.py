"""Ours: the audience consumer as the service's worker runs it, on the chassis' pull loop."""

from __future__ import annotations

import asyncio
import sys

import uvloop

from bench.contestants import signals
from chassis import garbage, logging, telemetry
from chassis.clock import utc_now
from chassis.database import Database
from chassis.pull_loop import Consumers
from chassis.settings import load
from services.notifications.audience.consumers import audience_consumers
from services.notifications.audience.live import LiveAudiences
from services.notifications.audience.rebuild import start_rebuild
from services.notifications.audience.slots import Slot
from services.notifications.settings import NotificationsSettings


async def main() -> None:
    """Consume until killed."""
    settings = load(NotificationsSettings)
    logging.set_up(settings)
    telemetry.set_up(settings)
    database = Database(settings)
    async with database.connection():
        pass
    slot = Slot(sys.argv[1])
    if slot is not Slot.blue:  # the one that is live; the other reads while it is being rebuilt
        await start_rebuild(database, utc_now())
    changed = LiveAudiences(database, utc_now).changed
    consumers = [each for each in audience_consumers(database, changed) if each.durable == slot.durable]
    garbage.settle()
    await signals.ready()
    await Consumers(consumers, database, settings).run(asyncio.Event())


if __name__ == "__main__":
    uvloop.run(main())
