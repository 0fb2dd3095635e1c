"""Shops from a sheet, the register or a map: sent, looked at before anything changes, confirmed, watched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from chassis.access import PUBLIC
from chassis.csv_file import csv_stream
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.rendering import SECURITY_HEADERS
from services.portal.shops import read_city
from services.portal.staff.entrance import page
from services.portal.staff.imports import (
    IMPORTS,
    MAP,
    MOST_BYTES,
    OUTCOMES,
    Job,
    Jobs,
    Kinds,
    Lines,
    MapReport,
    format_of,
    read_proposal,
    refused_lines,
    send_file,
    send_map,
    start,
)
from services.portal.towns import Towns
from services.portal.visitors import Door, Visitor, see_other

Cursor = Annotated[str | None, Query(max_length=500)]
Wanted = Annotated[Literal["listed", "updated", "unchanged", "left_out"] | None, Query()]
_COLUMNS = ("row", "id", "name", "why", "detail")
_MOST_FIELDS = 40


def router(door: Door, towns: Towns) -> APIRouter:
    """For officers of the city."""
    routes = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[PUBLIC])
    _add_sending(routes, door)
    _add_one(routes, door, towns)
    _add_refused(routes, door)
    return routes


def _add_sending(routes: APIRouter, door: Door) -> None:
    async def shown(
        visitor: Visitor,
        city_id: UUID,
        form: Mapping[str, str],
        fault: str = "",
        report: MapReport | None = None,
    ) -> Response:
        jobs, city = await asyncio.gather(
            visitor.shaped(Jobs, "directory", f"/api/v1/cities/{city_id}/import-jobs", limit=20),
            part(read_city(door.neighbours, city_id)),
        )
        told: dict[str, Any] = {"jobs": jobs.items, "form": form, "fault": fault, "report": report}
        told |= {"attempt": new_id(), "city_id": city_id}
        answer = page(door, "imports.html", visitor, city=city, **told)
        answer.status_code = 422 if fault else 200
        return answer

    @routes.api_route("/cities/{city_id}/imports", methods=["GET", "HEAD"])
    async def show_imports(city_id: UUID, reader: Reader, request: Request) -> Response:
        """Where a file is chosen, and what was handed in before."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, city_id, {})

        return await door.enter(request, reader, work)

    @routes.post("/cities/{city_id}/imports", dependencies=[OF_THIS_SITE], max_body_size=MOST_BYTES)
    async def receive_file(city_id: UUID, reader: Reader, request: Request) -> Response:
        """Nothing changes yet, but by a map that is said to be for real."""

        async def work(visitor: Visitor) -> Response:
            # Whoever may not see them may not send any: the service says so before the file is taken in.
            allowed = await visitor.read("directory", f"/api/v1/cities/{city_id}/import-jobs", limit=1)
            if allowed.status >= 400:
                raise NotThere(f"directory: HTTP {allowed.status}")
            async with request.form(max_files=1, max_fields=10) as sent:
                upload = sent.get("file")
                form = {name: value for name, value in sent.items() if isinstance(value, str)}
                if not isinstance(upload, UploadFile) or not upload.filename:
                    return await shown(visitor, city_id, form, "file")
                kind = format_of(upload.filename)
                if kind is None:
                    return await shown(visitor, city_id, form, "ending")
                if kind == MAP:
                    how = {
                        "is_complete": form.get("is_complete") == "yes",
                        "for_real": form.get("do") == "confirm",
                    }
                    report, fault = await send_map(visitor, city_id, upload, **how)
                    return await shown(visitor, city_id, form, fault, report)
                job, fault = await send_file(visitor, city_id, upload, form)
            if job is None:
                return await shown(visitor, city_id, form, fault)
            return see_other(f"/desk/imports/{job.id}", reader)

        return await door.enter(request, reader, work)


def _add_one(routes: APIRouter, door: Door, towns: Towns) -> None:
    async def shown(
        visitor: Visitor, job_id: UUID, wanted: str | None, cursor: str | None, fault: str = ""
    ) -> Response:
        job = await visitor.shaped(Job, "directory", f"{IMPORTS}/{job_id}")
        if wanted is None and job.totals.get("left_out"):
            wanted = "left_out"
        asked: dict[str, str | int | None] = {"outcome": wanted, "limit": 50, "cursor": cursor}
        proposal, lines, kinds, city = await asyncio.gather(
            part(read_proposal(visitor, job)),
            part(visitor.shaped(Lines, "directory", f"{IMPORTS}/{job_id}/rows", **asked)),
            part(visitor.shaped(Kinds, "directory", "/api/v1/kinds")),
            part(read_city(door.neighbours, job.city_id)),
        )
        told: dict[str, Any] = {"job": job, "city_id": job.city_id, "proposal": proposal, "lines": lines}
        told |= {"kinds": kinds.items if kinds else [], "fault": fault, "outcomes": OUTCOMES}
        told |= {"wanted": wanted, "is_first": cursor is None}
        told["place"] = f"outcome={wanted}&" if wanted else ""
        answer = page(door, "import.html", visitor, city=city, **told)
        answer.status_code = 422 if fault else 200
        return answer

    @routes.api_route("/imports/{job_id}", methods=["GET", "HEAD"])
    async def show_import(
        *, job_id: UUID, reader: Reader, request: Request, outcome: Wanted = None, cursor: Cursor = None
    ) -> Response:
        """How it would be read, how far it is, or what became of it."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, job_id, outcome, cursor)

        return await door.enter(request, reader, work)

    @routes.post("/imports/{job_id}", dependencies=[OF_THIS_SITE])
    async def start_import(job_id: UUID, reader: Reader, request: Request) -> Response:
        """Look what it would change, or let it."""
        form = await form_of(request, _MOST_FIELDS)

        async def work(visitor: Visitor) -> Response:
            job = await visitor.shaped(Job, "directory", f"{IMPORTS}/{job_id}")
            fault = await start(visitor, towns, job, form)
            if fault:
                return await shown(visitor, job_id, None, None, fault)
            return see_other(reader.path, reader)

        return await door.enter(request, reader, work)


def _add_refused(routes: APIRouter, door: Door) -> None:
    @routes.get("/imports/{job_id}/refused.csv")
    async def give_refused(job_id: UUID, reader: Reader, request: Request) -> Response:
        """Rows that were left out, to be mended and handed in again."""

        async def work(visitor: Visitor) -> Response:
            portions = refused_lines(visitor, job_id)
            first = await anext(portions)  # whoever may not see them is told before the file begins

            async def all_of_them() -> AsyncIterator[list[list[object]]]:
                yield first
                async for more in portions:
                    yield more

            headers = {
                **SECURITY_HEADERS,
                "Cache-Control": "private, no-store",
                "Content-Disposition": 'attachment; filename="refused.csv"',
            }
            content = csv_stream(_COLUMNS, all_of_them())
            return StreamingResponse(content, headers=headers, media_type="text/csv; charset=utf-8")

        return await door.enter(request, reader, work)
