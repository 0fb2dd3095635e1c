"""Programmes over HTTP: planned by whoever works for all their cities, followed by each city's officers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, Field
from sqlalchemy import select

from chassis.access import Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, ShortText, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.ids import new_id
from chassis.pagination import Paging, page
from chassis.preconditions import IfMatch, etag
from chassis.problems import invalid, not_found
from services.assessment import cities
from services.assessment.programme import storage
from services.assessment.programme.domain import InvalidProgramme, Programme, Progress
from services.assessment.programme.tables import programme_towns, programmes

PATH = "/api/v1/programmes"
Planner = Annotated[Access, may(Role.consultant, Role.operator, Role.city_officer)]
"""Of programmes of their cities alone: a region's is planned by who works in all of it."""


def _within_reason(day: date) -> date:
    if not 1900 <= day.year < 2200:
        raise ValueError("is not between the years 1900 and 2200")
    return day


Day = Annotated[date, AfterValidator(_within_reason)]


class PlannedTown(Body):
    city_id: UUID
    planned: Annotated[int, Field(ge=0, le=1_000)]
    """How many sessions."""


class ProgrammePlan(Body):
    """A programme as it is planned: all of it."""

    name: ShortText
    starts_on: Day
    ends_on: Day
    """The last day that belongs to it."""
    towns: Annotated[list[PlannedTown], Field(min_length=1, max_length=600)]

    def named(self) -> dict[UUID, str]:
        """Which field names which city."""
        return {town.city_id: f"towns.{place}.city_id" for place, town in enumerate(self.towns)}

    def programme(self, programme_id: UUID, version: int = 1) -> Programme:
        """Raises Problem (422) for a town that is named twice, or days that do not fit."""
        planned = {town.city_id: town.planned for town in self.towns}
        if len(planned) != len(self.towns):
            raise invalid("towns", "names a city twice")
        made = Programme(
            id=programme_id,
            name=self.name,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            planned=planned,
            version=version,
        )
        with _refusals():
            made.check()
        return made


class ShownProgress(Shown):
    planned: int
    announced: int
    held: int
    cancelled: int
    participants: int
    missing: int
    """Planned, and not announced yet."""


class ShownTown(ShownProgress):
    city_id: UUID
    is_gap: bool
    """No session is announced or was held, though some are planned."""


class ProgrammeSummary(Shown):
    id: UUID
    name: str
    starts_on: date
    ends_on: date
    version: int


class ShownProgramme(ProgrammeSummary):
    towns: list[ShownTown]
    """Those of whoever asks; the one where most is missing first."""
    total: ShownProgress
    """Of these."""
    gaps: list[UUID]
    """Which of them have no session at all."""


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH, tags=["programmes"])
    _add_planning(routes)
    _add_reading(routes)
    return routes


def _add_planning(routes: APIRouter) -> None:
    @routes.post("", status_code=201, response_model=ShownProgramme)
    async def plan(plan: ProgrammePlan, who: Planner, attempt: Attempt) -> Response:
        """Plan sessions over towns (a consultant or an officer of all of them, or an operator)."""
        new = plan.programme(new_id())
        _require_all(who, new)

        async def work(tx: Transaction) -> Answer:
            await cities.require_known(tx, plan.named(), who)
            await storage.add(tx, new)
            shown = await _in_full(tx, new, who)
            headers = {"Location": f"{PATH}/{new.id}", "ETag": etag(new.version)}
            return Answer(201, shown.model_dump(mode="json"), headers)

        return await attempt.once(work)

    @routes.put("/{programme_id}")
    async def replace_plan(
        *,
        programme_id: UUID,
        plan: ProgrammePlan,
        who: Planner,
        expected: IfMatch,
        database: Db,
        response: Response,
    ) -> ShownProgramme:
        """Plan it anew (a consultant or an officer of all its towns, before and after; or an operator)."""
        async with database.transaction() as tx:
            known = await storage.find(tx, programme_id, to_change=True)
            _require_all(who, known)
            expected.check(known.version)
            wanted = plan.programme(programme_id, known.version)
            _require_all(who, wanted)
            await cities.require_known(tx, plan.named(), who)
            saved = await storage.save(tx, wanted)
            response.headers["ETag"] = etag(saved.version)
            return await _in_full(tx, saved, who)


def _add_reading(routes: APIRouter) -> None:
    @routes.get("")
    async def list_programmes(
        who: Planner, database: Db, paging: Paging, request: Request, response: Response
    ) -> Listing[ProgrammeSummary]:
        """Programmes with a town of whoever asks, the newest first."""
        who.is_settled = True  # the query asks where
        query = select(programmes)
        if who.cities is not None:
            mine = select(programme_towns.c.programme_id).where(programme_towns.c.city_id.in_(who.cities))
            query = query.where(programmes.c.id.in_(mine))
        if (last := paging.after(UUID)) is not None:
            query = query.where(programmes.c.id < last)
        query = query.order_by(programmes.c.id.desc()).limit(paging.limit + 1)
        async with database.connection() as connection:
            rows = (await connection.execute(query)).mappings().all()
        shown = [ProgrammeSummary(**{str(key): value for key, value in row.items()}) for row in rows]
        return Listing(**page(request, response, shown, paging.limit, lambda each: each.id))

    @routes.get("/{programme_id}")
    async def show_programme(
        programme_id: UUID, who: Planner, database: Db, response: Response
    ) -> ShownProgramme:
        """What is planned, announced, held and missing, in the towns of whoever asks."""
        async with database.connection() as connection:
            programme = await storage.find(connection, programme_id)
            shown = await _in_full(connection, programme, who)
        if not shown.towns:
            raise not_found("programme")
        response.headers["ETag"] = etag(programme.version)
        return shown


def _require_all(who: Access, programme: Programme) -> None:
    for city in programme.planned:
        who.within(city_id=city)


async def _in_full(tx: Transaction, programme: Programme, who: Access) -> ShownProgramme:
    found = await storage.progress_of(tx, programme)
    mine = {city: progress for city, progress in found.items() if who.has(city_id=city)}
    order = sorted(mine, key=lambda city: (-mine[city].missing, str(city)))
    return ShownProgramme(
        id=programme.id,
        name=programme.name,
        starts_on=programme.starts_on,
        ends_on=programme.ends_on,
        version=programme.version,
        towns=[ShownTown(city_id=city, is_gap=mine[city].is_gap, **_shown(mine[city])) for city in order],
        total=ShownProgress(**_shown(sum(mine.values(), Progress()))),
        gaps=[city for city in order if mine[city].is_gap],
    )


def _shown(progress: Progress) -> dict[str, int]:
    return {**vars(progress), "missing": progress.missing}


@contextmanager
def _refusals() -> Iterator[None]:
    """What the rules refuse, as problems."""
    try:
        yield
    except InvalidProgramme as refused:
        raise invalid(refused.field, refused.detail) from refused
