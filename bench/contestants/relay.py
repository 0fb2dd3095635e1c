"""Ours: the relay as the service's worker runs it, until its outbox is empty."""

from __future__ import annotations

import time

import uvloop

from bench.contestants import signals
from chassis import garbage, logging, telemetry
from chassis.database import Database
from chassis.relay import Relay
from chassis.settings import ServiceSettings, load


async def main() -> None:
    """Publish and mark everything; say how many seconds it took."""
    settings = load(ServiceSettings)
    logging.set_up(settings)
    telemetry.set_up(settings)
    database = Database(settings)
    relay = Relay(database, settings)
    async with database.connection():
        pass
    garbage.settle()
    await signals.ready()
    began = time.perf_counter()
    while await relay.publish_window():
        pass
    signals.done(time.perf_counter() - began)


if __name__ == "__main__":
    uvloop.run(main())
