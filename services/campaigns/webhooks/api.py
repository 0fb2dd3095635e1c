"""Endpoints of a city's own systems over HTTP: registered, changed, rotated and removed by its officers."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import delete, select

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Db, Listing, Now
from chassis.idempotency import REPLAYED_HEADER, Answer, Attempt
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import Problem
from chassis.sealing import Seal
from services.campaigns.webhooks import use_cases
from services.campaigns.webhooks.catalogue import event_types
from services.campaigns.webhooks.forms import (
    Change,
    EndpointShown,
    EventTypeShown,
    NewEndpoint,
    Register,
    endpoint_shown,
)
from services.campaigns.webhooks.tables import webhook_endpoint

BASE = "/api/v1/webhook-endpoints"
Officer = Annotated[Access, may(Role.city_officer)]


def router(seal: Seal | None) -> APIRouter:
    """The routes. Without keys to seal secrets with, nothing can be registered."""
    routes = APIRouter(prefix="/api/v1", tags=["webhooks"])
    _add_types(routes)
    _add_registering(routes, seal)
    _add_reading(routes)
    _add_changing(routes, seal)
    return routes


def _add_types(routes: APIRouter) -> None:
    @routes.get("/webhook-types", response_model=Listing[EventTypeShown], dependencies=[PUBLIC])
    async def list_types() -> dict[str, Any]:
        """What an endpoint can be told of, each type with the schema of its data. None holds a person."""
        shown = [
            {"type": each.name, "told": each.told, "json_schema": each.schema}
            for each in event_types().values()
        ]
        return {"items": shown}


def _add_registering(routes: APIRouter, seal: Seal | None) -> None:
    @routes.post(
        "/webhook-endpoints", status_code=201, response_model=NewEndpoint, responses=problems(409, 503)
    )
    async def register(asked: Register, who: Officer, now: Now, attempt: Attempt) -> Response:
        """Register an endpoint of one's own city (its officers). The secret is shown now and never again."""
        who.within(city_id=asked.city_id)
        keys = _keys(seal)
        wanted = use_cases.Wanted(**dict(asked))
        secret = use_cases.new_secret()

        async def work(tx: Transaction) -> Answer:
            made = await use_cases.register(
                tx, wanted, use_cases.seal(keys, secret), by=who.person_id, now=now()
            )
            # Answers are stored for repetition, and a secret is not: it is added below.
            body = EndpointShown(**endpoint_shown(made)).model_dump(mode="json") | {"secret": None}
            return Answer(201, body, {"Location": f"{BASE}/{made['id']}"})

        answer = await attempt.once(work)
        return answer if REPLAYED_HEADER in answer.headers else _with_secret(answer, secret)

    @routes.post(
        "/webhook-endpoints/{endpoint_id}/secret",
        response_model=NewEndpoint,
        responses=problems(404, 503),
    )
    async def rotate(endpoint_id: UUID, who: Officer, now: Now, attempt: Attempt) -> Response:
        """Another secret, shown now and never again; for a day both sign (the city's officers)."""
        keys = _keys(seal)
        secret = use_cases.new_secret()

        async def work(tx: Transaction) -> Answer:
            found = await _own(tx, endpoint_id, who)
            rotated = await use_cases.rotate(tx, found, keys.seal(secret, endpoint_id), now())
            body = EndpointShown(**endpoint_shown(rotated)).model_dump(mode="json") | {"secret": None}
            return Answer(200, body)

        answer = await attempt.once(work)
        return answer if REPLAYED_HEADER in answer.headers else _with_secret(answer, secret)


def _add_reading(routes: APIRouter) -> None:
    @routes.get("/webhook-endpoints", response_model=Listing[EndpointShown])
    async def list_endpoints(
        *, city: UUID, who: Officer, request: Request, response: Response, db: Db, paging: Paging
    ) -> dict[str, Any]:
        """A city's endpoints, with how each does (its officers)."""
        who.within(city_id=city)
        wanted = select(webhook_endpoint).where(webhook_endpoint.c.city_id == city)
        if (last := paging.after(UUID)) is not None:
            wanted = wanted.where(webhook_endpoint.c.id > last)
        async with db.scoped(who.cities) as connection:
            some = await connection.execute(wanted.order_by(webhook_endpoint.c.id).limit(paging.limit + 1))
            items = [endpoint_shown(row) for row in some.mappings()]
        return page(request, response, items, paging.limit, lambda each: each["id"])

    @routes.get("/webhook-endpoints/{endpoint_id}", response_model=EndpointShown, responses=problems(404))
    async def show_endpoint(endpoint_id: UUID, who: Officer, db: Db) -> dict[str, Any]:
        """One endpoint (its city's officers)."""
        async with db.connection() as connection:
            found = await use_cases.find(connection, endpoint_id)
        who.within(city_id=found["city_id"])
        return endpoint_shown(found)


def _add_changing(routes: APIRouter, seal: Seal | None) -> None:
    @routes.patch("/webhook-endpoints/{endpoint_id}", response_model=EndpointShown, responses=problems(404))
    async def change(endpoint_id: UUID, asked: Change, who: Officer, db: Db) -> dict[str, Any]:
        """Another address, other types, on or off (its city's officers)."""
        async with db.transaction() as tx:
            found = await _own(tx, endpoint_id, who)
            if asked.changes().get("enabled"):
                _keys(seal)
            return endpoint_shown(await use_cases.change(tx, found, asked.changes()))

    @routes.delete("/webhook-endpoints/{endpoint_id}", status_code=204, responses=problems(404))
    async def remove(endpoint_id: UUID, who: Officer, db: Db) -> None:
        """Remove it with its log (its city's officers). What is under way may still arrive."""
        async with db.transaction() as tx:
            await _own(tx, endpoint_id, who)
            await tx.execute(delete(webhook_endpoint).where(webhook_endpoint.c.id == endpoint_id))


async def _own(tx: Transaction, endpoint_id: UUID, who: Access) -> Any:
    """The endpoint, locked, where it is the caller's city's. Raises 404 and 403."""
    found = await use_cases.find(tx, endpoint_id, to_change=True)
    who.within(city_id=found["city_id"])
    return found


def _keys(seal: Seal | None) -> Seal:
    if seal is None:
        raise Problem(
            503,
            "webhooks-off",
            "Webhooks are switched off",
            "This installation has no keys for the secrets of webhooks: its operator sets them.",
        )
    return seal


def _with_secret(answer: Response, secret: str) -> Response:
    made = json.loads(bytes(answer.body))
    kept = {name: value for name, value in answer.headers.items() if name == "location"}
    return JSONResponse(made | {"secret": secret}, answer.status_code, {**kept, "Cache-Control": "no-store"})
