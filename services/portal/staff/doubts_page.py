"""What a person decides of the city's shops: proposed ones, corrections, what may have closed or be one."""

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
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.shops import read_city
from services.portal.staff import proposals
from services.portal.staff.entrance import page
from services.portal.staff.planning.step_pages import read_shops
from services.portal.visitors import Door, Visitor, see_other

Done = Annotated[Literal["decided"] | None, Query()]
_AT_ONCE = 20


class Correction(Struct):
    """How a detail should be, as somebody saw it, and as it is now."""

    id: UUID
    merchant_id: UUID
    field: str
    suggested: dict[str, Any]
    now: dict[str, Any]
    changed_meanwhile: bool
    note: str | None
    suggested_at: datetime

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Each detail: its name, as it is, and as it should be."""
        return [
            (name, str(self.now.get(name) or "–"), str(said or "–")) for name, said in self.suggested.items()
        ]


class Corrections(Struct):
    items: list[Correction]


class Closure(Struct):
    """A shop that its source has no more."""

    id: UUID
    merchant_id: UUID
    found_at: datetime


class Closures(Struct):
    items: list[Closure]


class Duplicate(Struct):
    """Two shops that may be one."""

    id: UUID
    first_id: UUID
    second_id: UUID
    metres: float


class Duplicates(Struct):
    items: list[Duplicate]


def router(door: Door) -> APIRouter:
    """For officers of the city."""
    routes = APIRouter(prefix="/desk/cities/{city_id}", include_in_schema=False, dependencies=[PUBLIC])

    async def shown(visitor: Visitor, city_id: UUID, *, fault: bool, done: str | None) -> Response:
        path = f"/api/v1/cities/{city_id}"
        proposed, corrections, closures, duplicates, city = await asyncio.gather(
            part(proposals.read_waiting(visitor, city_id)),
            visitor.shaped(
                Corrections, "directory", f"{path}/merchant-corrections", state="open", limit=_AT_ONCE
            ),
            part(visitor.shaped(Closures, "directory", f"{path}/closures", limit=_AT_ONCE)),
            part(visitor.shaped(Duplicates, "directory", f"{path}/duplicates", limit=_AT_ONCE)),
            part(read_city(door.neighbours, city_id)),
        )
        ids = [each.merchant_id for each in corrections.items]
        ids += [each.merchant_id for each in (closures.items if closures else [])]
        for each in duplicates.items if duplicates else []:
            ids += [each.first_id, each.second_id]
        shops = await read_shops(visitor, list(dict.fromkeys(ids)))
        told: dict[str, Any] = {"corrections": corrections.items, "closures": closures, "city_id": city_id}
        told |= {"proposed": proposed, "duplicates": duplicates, "shops": {each.id: each for each in shops}}
        answer = page(door, "doubts.html", visitor, city=city, fault=fault, done=done, **told)
        answer.status_code = 422 if fault else 200
        return answer

    @routes.api_route("/doubts", methods=["GET", "HEAD"])
    async def show_doubts(city_id: UUID, reader: Reader, request: Request, done: Done = None) -> Response:
        """All that waits, the first twenty of each."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, city_id, fault=False, done=done)

        return await door.enter(request, reader, work)

    @routes.post("/doubts", dependencies=[OF_THIS_SITE])
    async def decide(city_id: UUID, reader: Reader, request: Request) -> Response:
        """One of them."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            if not await _decide(visitor, form):
                return await shown(visitor, city_id, fault=True, done=None)
            return see_other(reader.path, reader, done="decided")

        return await door.enter(request, reader, work)

    return routes


async def _decide(visitor: Visitor, form: Mapping[str, str]) -> bool:
    """Whether it is done. Raises NotThere, Unanswered."""
    try:
        about = UUID(form.get("about", ""))
    except ValueError:
        return False
    body: dict[str, Any] | None = None
    match form.get("do"):
        case "accept":
            path, body = f"merchant-corrections/{about}/accept", {"anyway": form.get("anyway") == "yes"}
        case "refuse":
            path, body = f"merchant-corrections/{about}/refuse", {"reason": form.get("reason", "")}
        case "refuse-proposal":
            path, body = f"merchant-proposals/{about}/refuse", {"reason": form.get("reason", "")}
        case "recognise":
            path = f"merchant-proposals/{about}/recognise"
            body = {"merchant_id": form.get("merchant", "")}
        case "confirm" | "keep" as wish:
            path = f"closures/{about}/{wish}"
        case "first" | "second" as which:
            path, body = f"duplicates/{about}/merge", {"keep": form.get(which, "")}
        case "keep-apart":
            path = f"duplicates/{about}/keep-apart"
        case _:
            return False
    answer = await visitor.write("POST", "directory", f"/api/v1/{path}", body)
    if answer.status in (401, 403, 404):
        raise NotThere(f"directory: HTTP {answer.status}")
    return answer.status < 400
