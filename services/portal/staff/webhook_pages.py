"""A city's own systems that are told of what happens: where they are, and what arrived there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import Answer, NotThere, part
from services.portal.reader import Reader
from services.portal.shops import read_city
from services.portal.staff.entrance import page
from services.portal.visitors import Door, Visitor, fault_of, see_other

ENDPOINTS = "/api/v1/webhook-endpoints"
_MOST_FIELDS = 80
Cursor = Annotated[str | None, Query(max_length=500)]
Wanted = Annotated[Literal["pending", "delivered", "given-up"] | None, Query()]
Done = Annotated[Literal["test", "enable", "disable", "removed"] | None, Query()]


class Endpoint(Struct):
    id: UUID
    city_id: UUID
    url: str
    description: str
    types: list[str]
    made_at: datetime
    enabled: bool
    disabled: str | None
    failures: int
    failing_since: datetime | None


class Endpoints(Struct):
    items: list[Endpoint]


class EventType(Struct):
    type: str
    told: str


class EventTypes(Struct):
    items: list[EventType]


class Delivery(Struct):
    id: UUID
    type: str
    happened_at: datetime
    state: str
    attempts: int
    next_attempt_at: datetime | None


class Deliveries(Struct):
    items: list[Delivery]
    next: str | None = None


def router(door: Door) -> APIRouter:
    """For officers of the city."""
    routes = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[PUBLIC])
    _add_all(routes, door)
    _add_one(routes, door)
    return routes


def _fault(answer: Answer) -> str:
    if answer.status in (401, 403, 404):
        raise NotThere(f"campaigns: HTTP {answer.status}")
    return fault_of(answer) if answer.status >= 400 else ""


def _add_all(routes: APIRouter, door: Door) -> None:
    async def shown(
        visitor: Visitor, city_id: UUID, form: Mapping[str, str], *, fault: str = "", **told: Any
    ) -> Response:
        endpoints, types, city = await asyncio.gather(
            visitor.shaped(Endpoints, "campaigns", ENDPOINTS, city=str(city_id), limit=100),
            part(visitor.shaped(EventTypes, "campaigns", "/api/v1/webhook-types")),
            part(read_city(door.neighbours, city_id)),
        )
        told = {"done": None, "secret": None, **told, "endpoints": endpoints.items, "form": form}
        told |= {"types": types.items if types else [], "fault": fault, "attempt": new_id()}
        answer = page(door, "webhooks.html", visitor, city=city, city_id=city_id, **told)
        answer.status_code = 422 if fault else 200
        return answer

    @routes.api_route("/cities/{city_id}/webhooks", methods=["GET", "HEAD"])
    async def show_endpoints(city_id: UUID, reader: Reader, request: Request, done: Done = None) -> Response:
        """Those that are registered, and the form for one more."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, city_id, {}, done=done)

        return await door.enter(request, reader, work)

    @routes.post("/cities/{city_id}/webhooks", dependencies=[OF_THIS_SITE])
    async def register(city_id: UUID, reader: Reader, request: Request) -> Response:
        """Its secret is shown now, and never again."""
        form = await form_of(request, _MOST_FIELDS)

        async def work(visitor: Visitor) -> Response:
            wanted = [name.removeprefix("type-") for name in form if name.startswith("type-")]
            body = {"city_id": str(city_id), "url": form.get("url", "").strip(), "types": wanted}
            body["description"] = form.get("description", "").strip()
            attempt = form.get("attempt", "") or "endpoint"
            answer = await visitor.write("POST", "campaigns", ENDPOINTS, body, attempt=attempt)
            fault = _fault(answer)
            if fault:
                return await shown(visitor, city_id, form, fault=fault)
            return await shown(visitor, city_id, {}, secret=answer.body.get("secret") or "")

        return await door.enter(request, reader, work)


def _add_one(routes: APIRouter, door: Door) -> None:
    async def shown(
        visitor: Visitor, endpoint_id: UUID, wanted: str | None = None, cursor: str | None = None, **told: Any
    ) -> Response:
        path = f"{ENDPOINTS}/{endpoint_id}"
        asked: dict[str, str | int | None] = {"state": wanted, "limit": 50, "cursor": cursor}
        endpoint, deliveries = await asyncio.gather(
            visitor.shaped(Endpoint, "campaigns", path),
            part(visitor.shaped(Deliveries, "campaigns", f"{path}/deliveries", **asked)),
        )
        city = await part(read_city(door.neighbours, endpoint.city_id))
        told = {"done": None, "secret": None, "fault": "", **told, "endpoint": endpoint, "wanted": wanted}
        told |= {"deliveries": deliveries, "is_first": cursor is None, "attempt": new_id()}
        told["place"] = f"state={wanted}&" if wanted else ""
        answer = page(door, "webhook.html", visitor, city=city, city_id=endpoint.city_id, **told)
        answer.status_code = 422 if told["fault"] else 200
        return answer

    @routes.api_route("/webhooks/{endpoint_id}", methods=["GET", "HEAD"])
    async def show_endpoint(
        *,
        endpoint_id: UUID,
        reader: Reader,
        request: Request,
        state: Wanted = None,
        cursor: Cursor = None,
        done: Done = None,
    ) -> Response:
        """What arrived there, and what did not."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, endpoint_id, state, cursor, done=done)

        return await door.enter(request, reader, work)

    @routes.post("/webhooks/{endpoint_id}", dependencies=[OF_THIS_SITE])
    async def change_endpoint(endpoint_id: UUID, reader: Reader, request: Request) -> Response:
        """Try it, rest it, give it another secret, or remove it."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            path, wish = f"{ENDPOINTS}/{endpoint_id}", form.get("do", "")
            endpoint = await visitor.shaped(Endpoint, "campaigns", path)
            if wish in ("secret", "remove") and form.get("sure") != "yes":
                return await shown(visitor, endpoint_id, fault="sure")
            answer = await _changed(visitor, path, wish, form.get("attempt", "") or wish)
            fault = _fault(answer)
            if fault or wish == "secret":
                return await shown(visitor, endpoint_id, fault=fault, secret=answer.body.get("secret"))
            if wish == "remove":
                return see_other(f"/desk/cities/{endpoint.city_id}/webhooks", reader, done="removed")
            return see_other(reader.path, reader, done=wish)

        return await door.enter(request, reader, work)


async def _changed(visitor: Visitor, path: str, wish: str, attempt: str) -> Answer:
    """What the service says to it. Raises NotThere for what no form wishes, Unanswered."""
    match wish:
        case "test" | "secret":
            return await visitor.write("POST", "campaigns", f"{path}/{wish}", attempt=attempt)
        case "enable" | "disable":
            return await visitor.write("PATCH", "campaigns", path, {"enabled": wish == "enable"})
        case "remove":
            return await visitor.write("DELETE", "campaigns", path)
        case _:
            raise NotThere("no such wish")
