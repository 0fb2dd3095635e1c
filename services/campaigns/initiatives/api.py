"""The register of a city's initiatives over HTTP: everybody reads it, officers add what others do.

Whoever is responsible for a campaign or a session is the city's responsible person, whom the directory names
in public (`GET /api/v1/cities/{id}`): names do not travel. Of others' initiatives the register says it.
"""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, Field, HttpUrl, StringConstraints, TypeAdapter
from sqlalchemy import delete, insert, select, update

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import UNSET, Body, Db, Listing, Now, ShortText, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.ids import new_id
from chassis.pagination import Paging, page
from chassis.preconditions import IfMatch, etag
from chassis.problems import invalid, not_found
from services.campaigns.initiatives import register
from services.campaigns.initiatives.tables import initiative

router = APIRouter(prefix="/api/v1/initiatives", tags=["campaigns"])

Officer = Annotated[Access, may(Role.city_officer)]
_ADDRESS = TypeAdapter(HttpUrl)


def _web_address(text: str) -> str:
    """As browsers read it: http or https alone, so that no link runs anything."""
    return str(_ADDRESS.validate_python(text))


Link = Annotated[
    str,
    StringConstraints(max_length=2_000),
    AfterValidator(_web_address),
    Field(description="Where one reads more of it."),
]


class InitiativeWritten(Body):
    """What somebody else does in the city."""

    city_id: UUID
    title: ShortText
    organiser: ShortText
    responsible: Annotated[ShortText, Field(description="Who is responsible, as everybody may read.")]
    starts_on: date
    ends_on: date | None = Field(None, description="Its last day; none: it goes on.")
    link: Link | None = None


class InitiativeChanged(Body):
    """What is to change; what is left out stays."""

    title: ShortText = UNSET
    organiser: ShortText = UNSET
    responsible: ShortText = UNSET
    starts_on: date = UNSET
    ends_on: date | None = None
    link: Link | None = None


class EntryShown(Shown):
    """Something that is done, or was, for the shops of a city."""

    id: UUID
    city_id: UUID
    kind: Literal["campaign", "awareness-session", "training-session", "other"]
    title: str | None
    """None of a session: its kind says it."""
    organiser: str | None
    """None: the city."""
    responsible: str | None
    """None: the city's responsible person, whom the directory names."""
    starts_on: date
    ends_on: date | None
    link: str | None


@router.get("", response_model=Listing[EntryShown], dependencies=[PUBLIC])
async def of_city(
    *,
    city: Annotated[UUID, Query(description="Of this city.")],
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """A city's campaigns, the sessions held there, and what others do: the newest first."""
    query = register.entries(city, paging.after(tuple[date, UUID]), paging.limit + 1)
    async with database.connection() as connection:
        rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    return page(request, response, rows, paging.limit, lambda each: (each["starts_on"], each["id"]))


@router.post("", status_code=201, response_model=EntryShown)
async def add(body: InitiativeWritten, who: Officer, attempt: Attempt, now: Now) -> Response:
    """Enter what somebody else does in the city."""
    who.within(city_id=body.city_id)
    _check_period(body.starts_on, body.ends_on)

    async def work(tx: Transaction) -> Answer:
        row = {"id": new_id(), **body.model_dump(), "version": 1, "changed_at": now()}
        await tx.execute(insert(initiative).values(row))
        headers = {"Location": f"{router.prefix}/{row['id']}", "ETag": etag(1)}
        return Answer(201, _shown(row), headers)

    return await attempt.once(work)


@router.get("/{initiative_id}", response_model=EntryShown, dependencies=[PUBLIC])
async def read(initiative_id: UUID, database: Db, response: Response) -> dict[str, Any]:
    """What somebody else does in a city."""
    async with database.connection() as connection:
        return _answered(await _find(connection, initiative_id), response)


@router.patch("/{initiative_id}", response_model=EntryShown)
async def change(
    initiative_id: UUID,
    body: InitiativeChanged,
    *,
    who: Officer,
    expected: IfMatch,
    database: Db,
    now: Now,
    response: Response,
) -> dict[str, Any]:
    """Correct an entry; null takes its last day or its link away."""
    async with database.transaction() as tx:
        found = await _find(tx, initiative_id, to_change=True)
        who.within(city_id=found["city_id"])
        expected.check(found["version"])
        changed = found | body.model_dump(exclude_unset=True)
        _check_period(changed["starts_on"], changed["ends_on"])
        changed |= {"version": found["version"] + 1, "changed_at": now()}
        await tx.execute(update(initiative).where(initiative.c.id == initiative_id).values(changed))
    return _answered(changed, response)


@router.delete("/{initiative_id}", status_code=204)
async def remove(initiative_id: UUID, who: Officer, database: Db) -> None:
    """Take an entry out of the register."""
    async with database.transaction() as tx:
        found = await _find(tx, initiative_id, to_change=True)
        who.within(city_id=found["city_id"])
        await tx.execute(delete(initiative).where(initiative.c.id == initiative_id))


async def _find(tx: Transaction, initiative_id: UUID, *, to_change: bool = False) -> dict[str, Any]:
    query = select(initiative).where(initiative.c.id == initiative_id)
    row = (await tx.execute(query.with_for_update() if to_change else query)).mappings().first()
    if row is None:
        raise not_found("initiative")
    return dict(row)


def _check_period(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise invalid("ends_on", "is before the first day")


def _answered(row: dict[str, Any], response: Response) -> dict[str, Any]:
    response.headers["ETag"] = etag(row["version"])
    return _shown(row)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in EntryShown.model_fields if name in row} | {"kind": register.OTHER}
