"""Coaching groups over HTTP, for consultants: proposed, made, edited, offered, held."""

from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from chassis.access import Access, may
from chassis.database import Database
from chassis.http import Db, Listing, Now
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.preconditions import Expected, IfMatch, etag
from services.assessment import cities
from services.assessment.advice.catalogue import Catalogue
from services.assessment.coaching import storage, use_cases
from services.assessment.coaching.domain.groups import Group
from services.assessment.coaching.domain.proposing import best_groups
from services.assessment.coaching.shown import (
    Attendance,
    GroupSummary,
    MakeGroupBody,
    ReviseGroup,
    SetLine,
    ShownGroup,
    ShownProposed,
)
from services.assessment.coaching.tables import coaching_groups
from services.assessment.coaching.use_cases import MakeGroup
from services.assessment.coaching.waiting import asks_of

PATH = "/coaching-groups"
TAGS = ["coaching"]
Consultant = Annotated[Access, may(Role.consultant)]
Follower = Annotated[Access, may(Role.consultant, Role.city_officer)]
"""A city follows which groups there are. Who is in one, and so where a shop is weak, is not for it."""
Edit = Callable[[Any, Group], Awaitable[Group]]
_EDITED = problems(404, 409, 412, 428)


def router(catalogue: Catalogue) -> APIRouter:
    """The routes, over the trainings of this catalogue."""
    routes = APIRouter(prefix="/api/v1", tags=[*TAGS])
    _add_making(routes, catalogue)
    _add_reading(routes)
    _add_editing(routes)
    _add_steps(routes)
    return routes


def _add_making(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.get("/coaching-proposals")
    async def propose_groups(city: UUID, who: Consultant, database: Db) -> Listing[ShownProposed]:
        """Groups that could be made of those who wait and said when they have time (consultants).

        As many are placed as can be, on as few half-days as that takes, near each other. Nothing is stored.
        """
        who.within(city_id=city)
        async with database.scoped(who.cities) as connection:
            asks = await asks_of(connection, city, catalogue)
        return Listing(items=[ShownProposed.of(each) for each in best_groups(asks)])

    @routes.post(PATH, status_code=201, response_model=ShownGroup)
    async def make_group(asked: MakeGroupBody, who: Consultant, attempt: Attempt, clock: Now) -> Response:
        """Put a group together. Nobody hears of it before its seats are offered (consultants)."""
        command = MakeGroup(**asked.model_dump())

        async def work(tx: Any) -> Answer:
            who.within(city_id=asked.city_id)
            await cities.require_known(tx, {asked.city_id: "city_id"}, who)
            made = await use_cases.make(tx, command, by=who.person_id, now=clock())
            shown = ShownGroup.with_seats(made, await storage.seats(tx, made.id))
            headers = {"Location": f"/api/v1{PATH}/{made.id}", "ETag": etag(made.version)}
            return Answer(201, shown.model_dump(mode="json"), headers)

        return await attempt.once(work)


def _add_reading(routes: APIRouter) -> None:
    @routes.get(PATH)
    async def list_groups(
        *, city: UUID, who: Follower, database: Db, paging: Paging, request: Request, response: Response
    ) -> Listing[GroupSummary]:
        """The city's groups, the latest made first (consultants, and its officers)."""
        who.within(city_id=city)
        known = coaching_groups.c
        wanted = select(coaching_groups).where(known.city_id == city).order_by(known.id.desc())
        if (before := paging.after(UUID)) is not None:
            wanted = wanted.where(known.id < before)
        async with database.scoped(who.cities) as connection:
            rows = (await connection.execute(wanted.limit(paging.limit + 1))).mappings().all()
        items = [GroupSummary.of(storage.group_of(row)) for row in rows]
        return Listing(**page(request, response, items, paging.limit, lambda each: each.id))

    @routes.get(f"{PATH}/{{group_id}}", responses=problems(404))
    async def show_group(group_id: UUID, who: Consultant, database: Db, response: Response) -> ShownGroup:
        """One group with who is in it and in line; its ETag is what a change must match (consultants)."""
        async with database.scoped(who.cities) as connection:
            found = await storage.group(connection, group_id)
            who.within(city_id=found.city_id)
            seats = await storage.seats(connection, group_id)
        response.headers["ETag"] = etag(found.version)
        return ShownGroup.with_seats(found, seats)


def _add_editing(routes: APIRouter) -> None:
    @routes.patch(f"{PATH}/{{group_id}}", responses=_EDITED)
    async def revise_group(
        *,
        group_id: UUID,
        asked: ReviseGroup,
        who: Consultant,
        expected: IfMatch,
        database: Db,
        clock: Now,
        response: Response,
    ) -> ShownGroup:
        """Another time, place or subject (consultants). Calendars take the change."""
        changes = asked.model_dump(exclude_unset=True)

        async def edit(tx: Any, group: Group) -> Group:
            return await use_cases.revise(tx, group, changes, clock())

        return await _edited(database, group_id, who, expected, response, edit=edit)

    @routes.put(f"{PATH}/{{group_id}}/line", responses=_EDITED)
    async def set_line(
        *,
        group_id: UUID,
        asked: SetLine,
        who: Consultant,
        expected: IfMatch,
        database: Db,
        clock: Now,
        response: Response,
    ) -> ShownGroup:
        """Who is in it, and who is next in line (consultants). Whoever is left out is removed."""

        async def edit(tx: Any, group: Group) -> Group:
            requests = await storage.requests(tx, asked.request_ids)
            return await use_cases.set_line(tx, group, asked.request_ids, requests, clock())

        return await _edited(
            database, group_id, who, expected, response, edit=edit, lock_first=asked.request_ids
        )

    @routes.put(f"{PATH}/{{group_id}}/attendance", responses=_EDITED)
    async def note_attendance(
        *,
        group_id: UUID,
        asked: Attendance,
        who: Consultant,
        expected: IfMatch,
        database: Db,
        clock: Now,
        response: Response,
    ) -> ShownGroup:
        """Who came (consultants), once it has begun."""

        async def edit(tx: Any, group: Group) -> Group:
            return await use_cases.note_attendance(tx, group, asked.came, clock())

        return await _edited(database, group_id, who, expected, response, edit=edit)


def _add_steps(routes: APIRouter) -> None:
    steps = {
        "offers": (use_cases.open_offers, "Offer the first five their seats, for two working days each."),
        "formation": (use_cases.form, "It takes place with those who took a seat (two at least)."),
        "cancellation": (use_cases.cancel, "It does not take place; calendars show it as cancelled."),
    }
    for name, (step, what) in steps.items():
        _add_step(routes, name, step, what)


def _add_step(routes: APIRouter, name: str, step: Callable[..., Awaitable[Group]], what: str) -> None:
    @routes.post(
        f"{PATH}/{{group_id}}/{name}",
        name=f"coaching_{name}",
        description=f"{what} (consultants).",
        responses=_EDITED,
    )
    async def take_step(
        *,
        group_id: UUID,
        who: Consultant,
        expected: IfMatch,
        database: Db,
        clock: Now,
        response: Response,
    ) -> ShownGroup:
        async def edit(tx: Any, group: Group) -> Group:
            return await step(tx, group, clock())

        return await _edited(database, group_id, who, expected, response, edit=edit)


async def _edited(
    database: Database,
    group_id: UUID,
    who: Access,
    expected: Expected,
    response: Response,
    *,
    edit: Edit,
    lock_first: Collection[UUID] = (),
) -> ShownGroup:
    """One change of a group that its consultants have seen; requests are locked before the group."""
    async with database.transaction() as tx:
        if lock_first:
            await storage.lock_requests(tx, lock_first)
        group = await storage.lock_group(tx, group_id)
        who.within(city_id=group.city_id)
        expected.check(group.version)
        edited = await edit(tx, group)
        seats = await storage.seats(tx, group_id)
    response.headers["ETag"] = etag(edited.version)
    return ShownGroup.with_seats(edited, seats)
