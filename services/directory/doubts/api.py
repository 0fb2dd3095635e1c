"""What imports leave to a person, over HTTP: listed, and decided by the city's officers."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import Table, select

from chassis.access import Access, may
from chassis.database import Database
from chassis.http import Body, Db, Listing, Now, Shown
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import PageRequest, Paging, page
from chassis.problems import not_found
from services.directory.cities import storage as cities
from services.directory.doubts import use_cases
from services.directory.doubts.domain import OF_NO_NAME, ClosureState, DuplicateState
from services.directory.doubts.tables import closure, duplicate

router = APIRouter(prefix="/api/v1", tags=["doubts"])
Officers = Annotated[Access, may(Role.city_officer, Role.operator)]


class DuplicateShown(Shown):
    """Two merchants of two sources that may be one."""

    id: UUID
    first_id: UUID
    second_id: UUID
    likeness: float
    """Of their names, 0 to 100; 0 where one has none."""
    is_weak: bool
    """One has no name: only their address and their kind speak for it."""
    metres: float
    state: DuplicateState
    found_at: datetime
    decided_at: datetime | None


class ClosureShown(Shown):
    """A merchant that its source has no more."""

    id: UUID
    merchant_id: UUID
    state: ClosureState
    found_at: datetime
    decided_at: datetime | None


class Merge(Body):
    """Which of the two stays."""

    keep: UUID


@router.get("/cities/{city_id}/duplicates", response_model=Listing[DuplicateShown])
async def list_duplicates(
    *,
    city_id: UUID,
    request: Request,
    response: Response,
    who: Officers,
    db: Db,
    paging: Paging,
    state: DuplicateState = DuplicateState.PROPOSED,
) -> dict[str, Any]:
    """Merchants of the city that may be one (its officers, operator)."""
    who.within(city_id=city_id)
    rows = await _of_city(db, duplicate, city_id, state.value, paging)
    items = [
        DuplicateShown(
            is_weak=row["likeness"] == OF_NO_NAME,
            **{name: row[name] for name in DuplicateShown.model_fields if name != "is_weak"},
        )
        for row in rows
    ]
    return page(request, response, items, paging.limit, lambda each: each.id)


@router.post("/duplicates/{duplicate_id}/merge", status_code=204, responses=problems(409))
async def merge_duplicate(duplicate_id: UUID, asked: Merge, who: Officers, db: Db, now: Now) -> Response:
    """They are one: `keep` stays, with what only the other knew. Asked twice: once."""
    async with db.transaction() as tx:
        doubt = await use_cases.locked(tx, duplicate, duplicate_id)
        who.within(city_id=doubt.city_id)
        await use_cases.merge(tx, doubt, asked.keep, by=who.person_id, at=now())
    return Response(status_code=204)


@router.post("/duplicates/{duplicate_id}/keep-apart", status_code=204, responses=problems(409))
async def keep_duplicate_apart(duplicate_id: UUID, who: Officers, db: Db, now: Now) -> Response:
    """They are two, and it is not asked again."""
    async with db.transaction() as tx:
        doubt = await use_cases.locked(tx, duplicate, duplicate_id)
        who.within(city_id=doubt.city_id)
        await use_cases.keep_apart(tx, doubt, by=who.person_id, at=now())
    return Response(status_code=204)


@router.get("/cities/{city_id}/closures", response_model=Listing[ClosureShown])
async def list_closures(
    *,
    city_id: UUID,
    request: Request,
    response: Response,
    who: Officers,
    db: Db,
    paging: Paging,
    state: ClosureState = ClosureState.PROPOSED,
) -> dict[str, Any]:
    """Merchants of the city that may have closed (its officers, operator)."""
    who.within(city_id=city_id)
    rows = await _of_city(db, closure, city_id, state.value, paging)
    items = [ClosureShown(**{name: row[name] for name in ClosureShown.model_fields}) for row in rows]
    return page(request, response, items, paging.limit, lambda each: each.id)


@router.post("/closures/{closure_id}/confirm", status_code=204, responses=problems(409))
async def confirm_closure(closure_id: UUID, who: Officers, db: Db, now: Now) -> Response:
    """It is gone: listed no more from now on. Asked twice: once."""
    async with db.transaction() as tx:
        doubt = await use_cases.locked(tx, closure, closure_id)
        who.within(city_id=doubt.city_id)
        await use_cases.confirm_closure(tx, doubt, by=who.person_id, at=now())
    return Response(status_code=204)


@router.post("/closures/{closure_id}/keep", status_code=204, responses=problems(409))
async def keep_open(closure_id: UUID, who: Officers, db: Db, now: Now) -> Response:
    """It is still there, and it is not asked again."""
    async with db.transaction() as tx:
        doubt = await use_cases.locked(tx, closure, closure_id)
        who.within(city_id=doubt.city_id)
        await use_cases.keep(tx, doubt, by=who.person_id, at=now())
    return Response(status_code=204)


async def _of_city(db: Database, table: Table, city_id: UUID, state: str, paging: PageRequest) -> Any:
    wanted = select(table).where(table.c.city_id == city_id, table.c.state == state).order_by(table.c.id)
    if (after := paging.after(UUID)) is not None:
        wanted = wanted.where(table.c.id > after)
    async with db.connection() as connection:
        if await cities.city_by_id(connection, city_id) is None:
            raise not_found("city")
        return (await connection.execute(wanted.limit(paging.limit + 1))).mappings().all()
