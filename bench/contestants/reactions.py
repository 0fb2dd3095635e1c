"""Ours: the consumer of the reactions as the service's worker runs it, on the chassis' pull loop."""

from __future__ import annotations

import asyncio

import uvloop

from bench.contestants import signals
from chassis import garbage, logging, telemetry
from chassis.clock import utc_now
from chassis.database import Database
from chassis.pull_loop import Consumers
from chassis.settings import load
from services.notifications.milestones.consumers import reactions
from services.notifications.settings import NotificationsSettings


async def main() -> None:
    """Consume until killed."""
    settings = load(NotificationsSettings)
    logging.set_up(settings)
    telemetry.set_up(settings)
    database = Database(settings)
    async with database.connection():
        pass
    garbage.settle()
    await signals.ready()
    await Consumers([reactions(utc_now)], database, settings).run(asyncio.Event())


if __name__ == "__main__":
    uvloop.run(main())
