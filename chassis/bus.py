"""The connection to NATS, with the options that keep it from failing quietly."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import nats
import structlog

from contracts.streams import inbox_prefix

if TYPE_CHECKING:
    from nats.aio.client import Client

    from chassis.settings import ServiceSettings

T = TypeVar("T")

log = structlog.get_logger(__name__)


def _ends_the_process_unless(stop: asyncio.Event) -> Callable[[], Awaitable[None]]:
    """A connection that closed for good cannot come back: end the process, its supervisor restarts it."""

    async def closed() -> None:
        if not stop.is_set():
            log.error("the connection to NATS was closed for good; this process ends")
            os.kill(os.getpid(), signal.SIGTERM)

    return closed


async def _error(error: Exception) -> None:
    log.info("NATS connection", error=type(error).__name__, detail=str(error)[:200])


def connection_options(settings: ServiceSettings, purpose: str, stop: asyncio.Event) -> dict[str, Any]:
    """What every connection of a service is opened with; `purpose` shows in the server's list,
    and `stop` is set when closing it is meant.

    Without max_reconnect_attempts=-1 the client gives up after 60 tries and its fetch loop spins.
    """
    return {
        "servers": settings.nats_servers(),
        "user": settings.nats_user,
        "password": settings.nats_password.get_secret_value(),
        "name": f"{settings.service_name}:{purpose}",
        "inbox_prefix": inbox_prefix(settings.nats_user),
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": 0.25,
        "connect_timeout": 2,
        "allow_reconnect": True,
        "error_cb": _error,
        "closed_cb": _ends_the_process_unless(stop),
    }


async def connect(settings: ServiceSettings, purpose: str, stop: asyncio.Event) -> Client:
    """An open connection. Raises nats.errors.Error or OSError where the server cannot be reached."""
    return await unless(stop, nats.connect(**connection_options(settings, purpose, stop)))


async def unless(stop: asyncio.Event, connecting: Coroutine[Any, Any, T]) -> T:
    """Its result; raises ConnectionError once `stop` is set. The client itself would try for ever."""
    trying, stopping = asyncio.create_task(connecting), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({trying, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not trying.done():
            raise ConnectionError("told to stop before NATS could be reached")
        return trying.result()
    finally:
        stopping.cancel()
        trying.cancel()
