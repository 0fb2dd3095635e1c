"""Rebuilds of the audience, for operators."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import nats.errors
from fastapi import APIRouter
from nats.js import JetStreamContext
from starlette.responses import Response

from chassis import bus
from chassis.access import may
from chassis.database import Transaction
from chassis.http import Db, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.openapi import problems
from chassis.problems import conflict, unavailable
from chassis.settings import ServiceSettings
from services.notifications.audience import rebuild
from services.notifications.audience.state import AudienceState, read_state

SWITCH_TRIES = 20
TRY_SECONDS = 0.25


class ShownRebuild(Shown):
    """Which slot is live, and how far the other one is where it is being filled."""

    live: str
    generation: int
    switched_at: datetime | None
    rebuilding: str | None
    durable: str | None
    started_at: datetime | None
    from_the_start: bool | None = None
    """Whether the durable was sent to the start of its stream since the rebuild began."""
    pending: int | None = None
    behind: int | None = None
    """How far it is from what the live slot has finished."""


def router(settings: ServiceSettings) -> APIRouter:
    """Start, look, switch, give up. In between, the deploy user sends the durable to the start."""
    routes = APIRouter(
        prefix="/api/v1/audience/rebuilds", tags=["audience rebuilds"], dependencies=[may(Role.operator)]
    )

    @routes.get("")
    async def state(database: Db) -> ShownRebuild:
        """How far it is."""
        async with database.connection() as connection:
            found = await read_state(connection)
        if found.rebuilding is None:
            return _shown(found)
        async with _jetstream(settings) as jetstream:
            return _shown(found, await rebuild.lag(jetstream, found))

    @routes.post("", status_code=201, response_model=ShownRebuild)
    async def start(attempt: Attempt, now: Now) -> Response:
        """Empty the free slot and let the workers fill it."""

        async def work(tx: Transaction) -> Answer:
            try:
                started = _shown(await rebuild.begin(tx, now()))
            except rebuild.RebuildUnderWay as error:
                detail = "One is under way: switch to it or give it up."
                raise conflict("rebuild-under-way", detail) from error
            return Answer(201, started.model_dump(mode="json"), {"Location": routes.prefix})

        return await attempt.once(work)

    @routes.post("/switch", responses=problems(409))
    async def switch(database: Db, now: Now) -> ShownRebuild:
        """Make the rebuilt slot the live one, as soon as it has read everything (within five seconds)."""
        async with _jetstream(settings) as jetstream:
            tries = 1
            while True:
                try:
                    return _shown(await rebuild.switch(database, jetstream, now()))
                except rebuild.NotReady as error:
                    if tries == SWITCH_TRIES or not error.can_pass:
                        raise conflict("rebuild-not-ready", str(error)) from error
                tries += 1
                await asyncio.sleep(TRY_SECONDS)

    @routes.delete("", status_code=204)
    async def abandon(database: Db) -> Response:
        """Give up what is being filled; the live slot stays as it is."""
        await rebuild.abandon_rebuild(database)
        return Response(status_code=204)

    return routes


@asynccontextmanager
async def _jetstream(settings: ServiceSettings) -> AsyncIterator[JetStreamContext]:
    closing = asyncio.Event()
    try:
        client = await bus.connect(settings, "rebuild", closing)
    except (OSError, nats.errors.Error) as error:
        raise unavailable("The bus cannot be reached just now.") from error
    try:
        yield client.jetstream(timeout=5)
    finally:
        closing.set()
        await client.close()


def _shown(state: AudienceState, lag: rebuild.Lag | None = None) -> ShownRebuild:
    rebuilding = state.rebuilding
    return ShownRebuild(
        live=state.live,
        generation=state.live_generation,
        switched_at=state.switched_at,
        rebuilding=rebuilding,
        durable=rebuilding.durable.name if rebuilding else None,
        started_at=state.rebuild_started_at,
        from_the_start=lag.from_the_start if lag else None,
        pending=lag.pending if lag else None,
        behind=lag.behind if lag else None,
    )
