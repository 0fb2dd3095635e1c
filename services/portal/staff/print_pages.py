"""What a city prints for a district: letters and cards with a code, and cards for windows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from msgspec import Struct

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import PASSING_SECONDS, Answer, NotThere, part
from services.portal.reader import Reader
from services.portal.rendering import SECURITY_HEADERS
from services.portal.shops import read_city
from services.portal.staff.entrance import page
from services.portal.staff.planning.step_pages import read_districts
from services.portal.visitors import Door, Visitor, fault_of, problem_of, see_other

LANGUAGES = ("fr", "nl", "de")
"""Of letters: a shop's owner reads one of them."""


class Run(Struct):
    """Letters or cards that are prepared: `done` of `total`."""

    id: UUID
    district_id: UUID | None
    language: str
    form: str
    state: str
    total: int
    done: int
    parts: int
    asked_at: datetime
    sent_at: datetime | None


class Runs(Struct):
    items: list[Run]


def router(door: Door) -> APIRouter:
    """For officers of the city; cards for windows for an association's, too."""
    routes = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[PUBLIC])
    _add_all(routes, door)
    _add_one(routes, door)
    _add_papers(routes, door)
    return routes


def _add_all(routes: APIRouter, door: Door) -> None:
    async def shown(visitor: Visitor, city_id: UUID, form: Mapping[str, str], fault: str = "") -> Response:
        runs, districts, city = await asyncio.gather(
            visitor.shaped(Runs, "directory", f"/api/v1/cities/{city_id}/letters", limit=100),
            part(read_districts(visitor, city_id)),
            part(read_city(door.neighbours, city_id)),
        )
        told: dict[str, Any] = {"runs": runs.items[::-1], "districts": districts, "city_id": city_id}
        told |= {"form": form, "fault": fault, "attempt": new_id(), "tongues": LANGUAGES}
        answer = page(door, "prints.html", visitor, city=city, **told)
        answer.status_code = 422 if fault else 200
        return answer

    @routes.api_route("/cities/{city_id}/print", methods=["GET", "HEAD"])
    async def show_prints(
        city_id: UUID, reader: Reader, request: Request, district: Annotated[str, Query(max_length=40)] = ""
    ) -> Response:
        """What was prepared, and the form for more."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, city_id, {"district": district})

        return await door.enter(request, reader, work)

    @routes.post("/cities/{city_id}/print", dependencies=[OF_THIS_SITE])
    async def begin_run(city_id: UUID, reader: Reader, request: Request) -> Response:
        """Prepare letters or cards for the shops of a district that have no account."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            body = {
                "district_id": form.get("district", ""),
                "language": form.get("language", ""),
                "form": form.get("paper", ""),
                "again": form.get("again") == "yes",
                "register_cleared": form.get("register_cleared") == "yes",
            }
            path, attempt = f"/api/v1/cities/{city_id}/letters", form.get("attempt", "") or "letters"
            answer = await visitor.write("POST", "directory", path, body, attempt=attempt)
            fault = _fault(answer)
            if fault:
                return await shown(visitor, city_id, form, fault)
            return see_other(f"{reader.path}/{answer.body['id']}", reader)

        return await door.enter(request, reader, work)


def _fault(answer: Answer) -> str:
    if answer.status in (401, 403, 404):
        raise NotThere(f"directory: HTTP {answer.status}")
    if answer.status < 400:
        return ""
    return fault_of(answer) if answer.status == 422 else problem_of(answer) or "refused"


def _add_one(routes: APIRouter, door: Door) -> None:
    async def shown(visitor: Visitor, city_id: UUID, run_id: UUID, fault: str = "") -> Response:
        run, districts, city = await asyncio.gather(
            visitor.shaped(Run, "directory", f"/api/v1/cities/{city_id}/letters/{run_id}"),
            part(read_districts(visitor, city_id)),
            part(read_city(door.neighbours, city_id)),
        )
        named = {each.id: each.name for each in districts or []}
        told = {"run": run, "named": named, "city_id": city_id, "fault": fault}
        answer = page(door, "print.html", visitor, city=city, **told)
        answer.status_code = 422 if fault else 200
        return answer

    @routes.api_route("/cities/{city_id}/print/{run_id}", methods=["GET", "HEAD"])
    async def show_run(city_id: UUID, run_id: UUID, reader: Reader, request: Request) -> Response:
        """How far it is, and its files once it is done."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, city_id, run_id)

        return await door.enter(request, reader, work)

    @routes.post("/cities/{city_id}/print/{run_id}", dependencies=[OF_THIS_SITE])
    async def end_run(city_id: UUID, run_id: UUID, reader: Reader, request: Request) -> Response:
        """Note that they were sent, or make their codes worthless."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            wish = form.get("do", "")
            if wish not in ("sent", "revocation") or form.get("sure") != "yes":
                return await shown(visitor, city_id, run_id, "sure")
            path = f"/api/v1/cities/{city_id}/letters/{run_id}/{wish}"
            fault = _fault(await visitor.write("POST", "directory", path))
            if fault:
                return await shown(visitor, city_id, run_id, fault)
            return see_other(reader.path, reader)

        return await door.enter(request, reader, work)


def _add_papers(routes: APIRouter, door: Door) -> None:
    async def paper(visitor: Visitor, service: str, path: str, name: str) -> Response:
        token = visitor.session.token
        content = await door.neighbours.paper(service, path, token, PASSING_SECONDS)
        if content is None:
            raise NotThere(f"{service}: no {name}")
        headers = {
            **SECURITY_HEADERS,
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        return Response(content, headers=headers, media_type="application/pdf")

    @routes.get("/cities/{city_id}/print/{run_id}/{number}.pdf")
    async def give_letters(
        *, city_id: UUID, run_id: UUID, number: int, reader: Reader, request: Request
    ) -> Response:
        """A part of a run, some hundred letters."""

        async def work(visitor: Visitor) -> Response:
            path = f"/api/v1/cities/{city_id}/letters/{run_id}/pdf?part={number}"
            return await paper(visitor, "directory", path, f"letters-{number}.pdf")

        return await door.enter(request, reader, work)

    @routes.get("/districts/{district_id}/cards.pdf")
    async def give_cards(district_id: UUID, reader: Reader, request: Request) -> Response:
        """A card for the window of each shop of a district, with the code that leads to its page."""

        async def work(visitor: Visitor) -> Response:
            path = f"/api/v1/printed/districts/{district_id}/cards.pdf?language={reader.language}"
            return await paper(visitor, "campaigns", path, "cards.pdf")

        return await door.enter(request, reader, work)
