"""The part of a service that works without being asked: relay, consumers, maintenance, jobs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from chassis import maintenance, telemetry_names
from chassis.pull_loop import Consumers
from chassis.relay import Relay

if TYPE_CHECKING:
    from chassis.service import Service

STOP_SECONDS = 15.0
"""How long consumers and jobs, and then the relay, may take to finish what they began."""
_BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
_STEADY_SECONDS = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A coroutine that runs in the worker until its event is set. One that dies is started again."""

    name: str
    run: Callable[[asyncio.Event], Awaitable[None]]


class Worker:
    """Starts and stops what a service does in the background."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._stop_work = asyncio.Event()
        self._stop_relay = asyncio.Event()
        self._work: list[asyncio.Task[None]] = []
        self._relay: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin everything. Nothing is waited for: the bus may be away and come later."""
        service = self._service
        if service.owns_data:
            service.relay = Relay(service.database, service.settings)
            self._relay = asyncio.create_task(supervise(Job("relay", service.relay.run), self._stop_relay))
            self._begin(Job("maintenance", partial(maintenance.run, service.database, service.retention)))
        if service.consumers:
            service.running_consumers = Consumers(service.consumers, service.database, service.settings)
            self._begin(Job("consumers", service.running_consumers.run))
        for job in service.jobs:
            self._begin(job)

    def _begin(self, job: Job) -> None:
        self._work.append(asyncio.create_task(supervise(job, self._stop_work), name=job.name))

    async def stop(self) -> None:
        """Consumers and jobs first; then the relay, so that what they recorded is on its way."""
        self._stop_work.set()
        await _finish(self._work)
        self._stop_relay.set()
        if self._relay is not None:
            await _finish([self._relay])


async def supervise(job: Job, stop: asyncio.Event) -> None:
    """Run `job` until `stop`, again after every death, with a growing pause between quick ones."""
    deaths = 0
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        started = loop.time()
        try:
            await job.run(stop)
        except Exception as error:
            if loop.time() - started > _STEADY_SECONDS:
                deaths = 0
            pause = _BACK_OFF_SECONDS[min(deaths, len(_BACK_OFF_SECONDS) - 1)]
            deaths += 1
            telemetry_names.JOB_FAILURES.labels(job.name).inc()
            log.error("job died and is started again", job=job.name, seconds=pause, exc_info=error)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
        else:
            return


async def _finish(tasks: list[asyncio.Task[None]]) -> None:
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
    for task in late:
        log.warning("cut off while stopping", job=task.get_name())
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
