"""The audit log over HTTP: read by a city's officers, by operators for all cities, changed by nobody."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import Select, func, select

from chassis.access import Access, may
from chassis.database import Database
from chassis.http import Db, Listing, Shown
from chassis.identity import Role
from chassis.pagination import PageRequest, Paging, page
from chassis.problems import not_found
from services.directory.audit.domain import Action
from services.directory.audit.tables import audit_entry
from services.directory.cities import storage as cities
from services.directory.keys.tables import api_key
from services.directory.people.tables import person

router = APIRouter(prefix="/api/v1", tags=["audit"])


class Entry(Shown):
    """One thing that was done."""

    id: UUID
    at: datetime
    city_id: UUID | None
    action: str
    actor_id: UUID | None
    """The person or the key that did it; null where neither did."""
    actor_name: str | None
    """Null where there is no such person any more."""
    subject_id: UUID
    """What it was done to: a person, a merchant, a city… as the action says."""
    details: dict[str, str | int | bool]
    """Ids, codes and counts."""


@router.get("/cities/{city_id}/audit", response_model=Listing[Entry])
async def list_audit_of_city(
    *,
    city_id: UUID,
    request: Request,
    response: Response,
    who: Annotated[Access, may(Role.city_officer, Role.operator)],
    db: Db,
    paging: Paging,
    action: Action | None = None,
) -> dict[str, Any]:
    """What was done in the city, the newest first (its officers, operator)."""
    who.within(city_id=city_id)
    async with db.connection() as connection:
        if await cities.city_by_id(connection, city_id) is None:
            raise not_found("city")
    wanted = _entries(action).where(audit_entry.c.city_id == city_id)
    return await _page(request, response, db, paging, wanted)


@router.get("/audit", response_model=Listing[Entry], dependencies=[may(Role.operator)])
async def list_audit(
    request: Request, response: Response, db: Db, paging: Paging, action: Action | None = None
) -> dict[str, Any]:
    """What was done in all cities and outside of them, the newest first (operator)."""
    return await _page(request, response, db, paging, _entries(action))


def _entries(action: Action | None) -> Select[Any]:
    name = func.coalesce(person.c.display_name, api_key.c.name).label("actor_name")
    entries = (
        select(audit_entry, name)
        .outerjoin(person, person.c.id == audit_entry.c.actor_id)
        .outerjoin(api_key, api_key.c.id == audit_entry.c.actor_id)
    )
    return entries if action is None else entries.where(audit_entry.c.action == action.value)


async def _page(
    request: Request, response: Response, db: Database, paging: PageRequest, wanted: Select[Any]
) -> dict[str, Any]:
    if (before := paging.after(UUID)) is not None:
        wanted = wanted.where(audit_entry.c.id < before)
    async with db.connection() as connection:
        newest = wanted.order_by(audit_entry.c.id.desc()).limit(paging.limit + 1)
        rows = (await connection.execute(newest)).mappings().all()
    entries = [Entry(**row) for row in rows]
    return page(request, response, entries, paging.limit, lambda entry: entry.id)
