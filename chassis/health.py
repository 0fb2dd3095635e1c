"""`/healthz`: the process is alive. `/readyz`: it can do its work, or what it waits for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, Request
from sqlalchemy import text

from chassis.access import PUBLIC
from chassis.problems import Problem

if TYPE_CHECKING:
    from chassis.service import Service

ALIVE_PATH, READY_PATH = "/healthz", "/readyz"
_CHECK_SECONDS = 1.0

Check = Callable[[], Awaitable[str | None]]
"""None where a part is ready, or what it waits for, in a few words without secrets."""

log = structlog.get_logger(__name__)


def router(service: "Service") -> APIRouter:
    """The two routes of one process."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.get(ALIVE_PATH)
    async def healthz() -> dict[str, str]:
        return {"service": service.name, "status": "alive"}

    @routes.get(READY_PATH)
    async def readyz(request: Request) -> dict[str, str]:
        missing = ["stopping"] if request.app.state.stopping.is_set() else await not_ready(service)
        if missing:
            detail = f"{service.name} is not ready: {'; '.join(missing)}."
            raise Problem(
                503,
                "not-ready",
                "Not ready",
                detail,
                headers={"Retry-After": "1"},
                service=service.name,
                not_ready=missing,
            )
        return {"service": service.name, "status": "ready"}

    return routes


async def not_ready(service: "Service") -> list[str]:
    """What the service waits for, all asked at the same time, each for a second at most."""
    checks: list[tuple[str, Check]] = [("signing keys", lambda: _signing_keys(service))]
    if service.owns_data:
        checks.append(("database", lambda: _database(service)))
    checks += [(name, _connected(part)) for name, part in service.bus_connections().items()]
    checks += [(getattr(check, "__name__", "check"), check) for check in service.readiness]
    found = await asyncio.gather(*(_ask(name, check) for name, check in checks))
    return [each for each in found if each is not None]


async def _ask(name: str, check: Check) -> str | None:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            missing = await check()
    except TimeoutError:
        return f"{name}: no answer"
    except Exception as error:
        log.info("not ready", check=name, error=type(error).__name__)
        return f"{name}: {type(error).__name__}"
    return None if missing is None else f"{name}: {missing}"


async def _database(service: "Service") -> str | None:
    async with service.database.connection() as connection:
        await connection.execute(text("SELECT 1"))
    return None


async def _signing_keys(service: "Service") -> str | None:
    await service.keys.refresh()
    return None if service.keys.available() else "none usable"


def _connected(part: Callable[[], bool]) -> Check:
    async def check() -> str | None:
        return None if part() else "NATS is not connected"

    return check
