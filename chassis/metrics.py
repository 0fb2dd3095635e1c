"""`/metrics` for Prometheus, and how long requests take."""

import asyncio
import math
from time import perf_counter
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import dead_letters, relay, telemetry_names
from chassis.access import PUBLIC

if TYPE_CHECKING:
    from chassis.service import Service

PATH = "/metrics"
_MEASURE_SECONDS = 2.0

log = structlog.get_logger(__name__)


class RequestTimes:
    """Measures each request, by the route's pattern and never by its path: ids would be endless series."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = perf_counter(), 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            # 0: cut off before there was an answer.
            telemetry_names.HTTP_SECONDS.labels(_method(scope), route, str(status)).observe(
                perf_counter() - started
            )


def _method(scope: Scope) -> str:
    """A method of the standard, or `other`: clients may send any word."""
    method: str = scope["method"]
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"


def router(service: "Service") -> APIRouter:
    """The metrics route of one process."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.get(PATH)
    async def metrics() -> Response:
        if service.owns_data:
            await _measure(service)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes


async def _measure(service: "Service") -> None:
    """What is asked of the database when somebody looks; NaN where it does not answer."""
    waiting = age = open_letters = math.nan
    try:
        async with asyncio.timeout(_MEASURE_SECONDS):
            waiting, age = await relay.measure(service.database)
            open_letters = await dead_letters.count_open(service.database)
    except Exception as error:
        log.info("metrics without the database", error=type(error).__name__)
    if service.relay is not None:
        telemetry_names.STREAM_FILLED.set(await _stream_filled(service.relay))
    telemetry_names.OUTBOX_UNPUBLISHED.set(waiting)
    telemetry_names.OUTBOX_AGE.set(age)
    telemetry_names.DEAD_LETTERS_OPEN.set(open_letters)


async def _stream_filled(of: relay.Relay) -> float:
    try:
        async with asyncio.timeout(_MEASURE_SECONDS):
            return await of.stream_filled()
    except Exception as error:
        log.info("metrics without the bus", error=type(error).__name__)
        return math.nan
