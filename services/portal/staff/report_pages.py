"""The report of a session, of a programme or of a city: on a page, and as files to take away."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.access import PUBLIC
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.rendering import attached
from services.portal.shops import City, read_city
from services.portal.staff.entrance import CONSULTANT, OFFICER, OPERATOR, page
from services.portal.staff.own_towns import own_towns
from services.portal.staff.programmes import PROGRAMMES, Programmes, ProgrammeSummary
from services.portal.staff.reports import REPORTS, AskedReport, Report
from services.portal.staff.town_sessions import SESSIONS, TownSession
from services.portal.visitors import Door, Visitor

FILES = {
    "report.pdf": (f"{REPORTS}/paper.pdf", "application/pdf"),
    "report.csv": (f"{REPORTS}/sheet.csv", "text/csv; charset=utf-8"),
    "report.json": (REPORTS, "application/json"),
}
"""By its name, where it comes from, and what it is."""
Month = Annotated[str, Query(max_length=7)]


async def _asked(
    session: UUID | None = None,
    programme: UUID | None = None,
    city: UUID | None = None,
    first_month: Month = "",
    last_month: Month = "",
) -> AskedReport:
    if session or programme:
        return AskedReport(session=session, programme=None if session else programme)
    return AskedReport(city=city, first_month=first_month.strip(), last_month=last_month.strip())


Asked = Annotated[AskedReport, Depends(_asked)]


def router(door: Door) -> APIRouter:
    """For consultants, and for officers of the city."""
    routes = APIRouter(prefix="/desk/reports", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_report(reader: Reader, request: Request, asked: Asked) -> Response:
        """What was asked for; without it, what can be."""

        async def work(visitor: Visitor) -> Response:
            if asked.session or asked.programme or asked.city:
                return await _of(door, visitor, asked)
            return await _choice(door, visitor)

        return await door.enter(request, reader, work)

    @routes.get("/{name}")
    async def give_file(name: str, reader: Reader, request: Request, asked: Asked) -> Response:
        """The same, to be printed or reckoned with."""

        async def work(visitor: Visitor) -> Response:
            if name not in FILES:
                raise NotThere(f"no {name}")
            path, media_type = FILES[name]
            address = f"{path}?{asked.query}&language={reader.language}"
            content = await door.neighbours.paper("assessment", address, visitor.session.token)
            if content is None:
                raise NotThere(f"assessment: no {name}")
            return attached(content, name, media_type)

        return await door.enter(request, reader, work)

    return routes


async def _of(door: Door, visitor: Visitor, asked: AskedReport) -> Response:
    told, (name, city) = await asyncio.gather(asked.read(visitor), _subject(door, visitor, asked))
    report = told if isinstance(told, Report) else None
    fault = told if isinstance(told, str) else ""
    answer = page(
        door,
        "report.html",
        visitor,
        city=city,
        report=report,
        fault=fault,
        asked=asked,
        subject=name,
        place=f"{asked.query}&",
    )
    answer.status_code = 422 if fault else 200
    return answer


async def _subject(door: Door, visitor: Visitor, asked: AskedReport) -> tuple[str, City | None]:
    """What it is of, by name; without one where nobody tells."""
    if asked.session:
        session = await part(visitor.shaped(TownSession, "assessment", f"{SESSIONS}/{asked.session}"))
        city = await part(read_city(door.neighbours, session.city_id)) if session else None
        return session.title if session else "", city
    if asked.programme:
        path = f"{PROGRAMMES}/{asked.programme}"
        programme = await part(visitor.shaped(ProgrammeSummary, "assessment", path))
        return programme.name if programme else "", None
    assert asked.city is not None
    city = await part(read_city(door.neighbours, asked.city))
    return city.called(visitor.language) if city else "", city


async def _choice(door: Door, visitor: Visitor) -> Response:
    towns, programmes = await asyncio.gather(
        own_towns(visitor, CONSULTANT, OFFICER, OPERATOR),
        part(visitor.shaped(Programmes, "assessment", PROGRAMMES, limit=50)),
    )
    return page(door, "reports.html", visitor, towns=towns, programmes=programmes)
