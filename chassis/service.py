"""A service is declared as a `Service`; `run` makes a process of it.

    def build(settings: CampaignsSettings) -> Service: ...
    run(build, CampaignsSettings)

One process does everything by default; `api` and `worker` as first argument divide it, in any number of
each. `build` only wires: it opens no file and no connection (the deploy step and the tests call it too);
what has to be opened goes into the service's `lifespan`.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from enum import StrEnum
from functools import partial
from typing import TypeVar

import structlog
import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI
from starlette.types import Scope

from chassis import (
    access,
    garbage,
    health,
    logging,
    metrics,
    openapi,
    operations_api,
    personal_data,
    problems,
    telemetry,
)
from chassis.clock import Clock, utc_now
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.health import Check
from chassis.identity import Verifier, Vouch
from chassis.personal_data import Holding
from chassis.pull_loop import Consumers
from chassis.relay import Relay
from chassis.replay import Facts
from chassis.retention import Rule
from chassis.settings import ServiceSettings, load
from chassis.signing_keys import FetchedKeys, KeySource
from chassis.worker import Job, Worker

__all__ = ["Job", "Mode", "Service", "create_app", "run"]

_GRACE_SECONDS = 10
_KEEP_ALIVE_SECONDS = 75
_QUIET = frozenset({health.ALIVE_PATH, health.READY_PATH, metrics.PATH})

log = structlog.get_logger(__name__)


class Mode(StrEnum):
    """What a process does."""

    all = "all"
    api = "api"
    worker = "worker"


class Service:
    """Everything a service is made of. `main.py` builds one; tests build one with what they need."""

    def __init__(
        self,
        name: str,
        settings: ServiceSettings,
        database: Database | None = None,
        *,
        routers: Sequence[APIRouter] = (),
        consumers: Sequence[Consumer] = (),
        jobs: Sequence[Job] = (),
        republish: Facts | None = None,
        holdings: Sequence[Holding] | None = None,
        retention: Sequence[Rule] = (),
        readiness: Sequence[Check] = (),
        lifespan: Callable[[], AbstractAsyncContextManager[None]] | None = None,
        keys: KeySource | None = None,
        vouch: Vouch | None = None,
        clock: Clock = utc_now,
        description: str = "",
        untraced: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.settings = settings
        self._database = database
        self.routers = routers
        self.consumers = consumers
        if database is not None:
            for consumer in consumers:
                consumer.bind(database)  # an API process resumes and redrives without consuming
        self.jobs = jobs
        self.republish = republish
        self.holdings = holdings
        """What it holds about persons; None where that is nothing."""
        self.retention = retention
        """How long it keeps what, beside what every service keeps."""
        self.readiness = readiness
        self.lifespan = lifespan
        self.keys = keys or FetchedKeys(settings)
        self.vouch = vouch
        self.clock = clock
        self.description = description
        self.untraced = untraced
        """Beginnings of paths whose requests make no trace: those that end here, in their thousands."""
        self.relay: Relay | None = None
        """While this process has one."""
        self.running_consumers: Consumers | None = None
        """While this process consumes."""

    @property
    def owns_data(self) -> bool:
        """Whether there is a database."""
        return self._database is not None

    @property
    def database(self) -> Database:
        """The service's database. Raises RuntimeError for a service that owns no data."""
        if self._database is None:
            raise RuntimeError(f"{self.name} owns no data")
        return self._database

    def bus_connections(self) -> dict[str, Callable[[], bool]]:
        """By name, whether each part of this process that needs the bus has it."""
        parts: dict[str, Callable[[], bool]] = {}
        relay, consumers = self.relay, self.running_consumers
        if relay is not None:
            parts["relay"] = lambda: relay.connected
        if consumers is not None:
            parts["consumers"] = lambda: consumers.connected
        return parts


def create_app(service: Service, mode: Mode = Mode.api) -> FastAPI:
    """The ASGI application of a process. Its lifespan starts and stops the worker where `mode` has one."""
    app = FastAPI(
        title=f"CoCoCity {service.name}",
        version="1",
        description=service.description,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lambda app: _lifespan(app, service, mode),
        telemetry={
            "tracer_provider": telemetry.provider(),
            "metrics": False,
            "logs": False,  # they would hold what people wrote
            "operation_spans": False,
            "exclude": partial(_is_quiet, service.untraced),
        },
    )
    app.state.service = service
    app.state.verifier = Verifier(service.keys, vouch=service.vouch)
    app.state.stopping = asyncio.Event()
    for router in _routers(service, mode):
        # Not included: a router has nothing to add to its routes here, and FastAPI would build each anew.
        app.router.routes.extend(router.routes)
    access.require_declarations(app)
    problems.install(app)
    app.add_middleware(metrics.RequestTimes)
    openapi.install(app)
    return app


def _routers(service: Service, mode: Mode) -> Iterator[APIRouter]:
    yield health.router(service)
    yield metrics.router(service)
    if mode is not Mode.worker:
        yield from service.routers
        if service.owns_data:
            yield operations_api.router(service)
        if service.holdings is not None:
            yield personal_data.router(service.name, service.holdings)


def _is_quiet(untraced: tuple[str, ...], scope: Scope) -> bool:
    path = scope.get("path", "")
    return path in _QUIET or path.startswith(untraced)


@asynccontextmanager
async def _lifespan(app: FastAPI, service: Service, mode: Mode) -> AsyncIterator[None]:
    """Opens in order, and closes in the opposite one: worker, what the service opened, keys, database."""
    async with AsyncExitStack() as closing:
        if service.owns_data:
            closing.push_async_callback(service.database.close)
            service.database.bell.relay_is_elsewhere = mode is Mode.api
        closing.push_async_callback(service.keys.close)
        await service.keys.refresh()
        if service.lifespan is not None:
            await closing.enter_async_context(service.lifespan())
        if mode is not Mode.api:
            worker = Worker(service)
            worker.start()
            closing.push_async_callback(worker.stop)
        log.info("ready to serve", mode=mode.value)
        yield
        app.state.stopping.set()


class _Server(uvicorn.Server):
    """Tells streams that never end by themselves to end, and leaves with 0 when it was told to stop."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self._stop, each)
        try:
            yield
        finally:
            for each in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(each)
            # Said again while the last spans leave, it would end the process in the middle of that.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def _stop(self, received: signal.Signals) -> None:
        self._stopping.set()
        self.handle_exit(received, None)


S = TypeVar("S", bound=ServiceSettings)


def run(
    build: Callable[[S], Service], settings_class: type[S], arguments: Sequence[str] | None = None
) -> None:
    """The process: `all` (default), `api`, `worker`.

    `openapi` prints the API's document and ends; `durables` prints what the service reads from the bus.
    Exits with 2 where arguments or settings are not usable.
    """
    said = list(sys.argv[1:] if arguments is None else arguments) or [Mode.all.value]
    if said == ["openapi"]:
        sys.stdout.write(openapi.as_text(_document(build, settings_class)))
        return
    if said == ["durables"]:
        consumers = _unstarted(build, settings_class).consumers
        sys.stdout.write(json.dumps({each.durable.name: each.durable.filters for each in consumers}) + "\n")
        return
    if len(said) != 1 or said[0] not in set(Mode):
        sys.stderr.write(f"say one of {', '.join(Mode)}, openapi or durables, not {' '.join(said)!r}\n")
        raise SystemExit(2)
    settings = load(settings_class)
    logging.set_up(settings)
    telemetry.set_up(settings)
    try:
        uvloop.run(_serve(build, settings, Mode(said[0])))
    finally:
        telemetry.shut_down()


async def _serve(build: Callable[[S], Service], settings: S, mode: Mode) -> None:
    service = build(settings)
    if settings.trace_sql and service.owns_data:
        telemetry.instrument_engine(service.database.engine)
    app = create_app(service, mode)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        # Longer than the gateway keeps its side open, or it would now and then write into a closed one.
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
    garbage.settle()
    await _Server(config, app.state.stopping).serve()


def _document(build: Callable[[S], Service], settings_class: type[S]) -> dict[str, object]:
    return openapi.document(create_app(_unstarted(build, settings_class)))


def _unstarted(build: Callable[[S], Service], settings_class: type[S]) -> Service:
    """The service as far as it can be known without its database."""
    return build(settings_class(database_url="postgresql://nobody@127.0.0.1:1/nothing"))
