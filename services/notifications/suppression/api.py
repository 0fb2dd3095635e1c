"""The list of addresses that no mail goes to, for operators. It holds hashes, no address to read."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import StringConstraints
from sqlalchemy import select, tuple_

from chassis.access import Access, may
from chassis.http import Body, Db, Listing, Shown
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.notifications.suppression.storage import Suppression, lift
from services.notifications.suppression.tables import suppression as listed

Operator = Annotated[Access, may(Role.operator)]
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


class Suppressed(Shown):
    """`status` is what the other server said (RFC 3463), where it said so."""

    address_hash: str
    reason: str
    status: str | None
    since: datetime
    delivery_id: UUID | None


class LookUp(Body):
    """An address that somebody asks about."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=320)]


def router(suppression: Suppression) -> APIRouter:
    """The routes, over the list under this service's secret."""
    routes = APIRouter(prefix="/api/v1/notifications/suppressions", tags=["suppressions"])

    @routes.get("", response_model=Listing[Suppressed])
    async def list_suppressed(
        _who: Operator, request: Request, response: Response, database: Db, paging: Paging
    ) -> dict[str, Any]:
        """Addresses that no mail goes to any more, by hash, the newest first (operator)."""
        place = tuple_(listed.c.since, listed.c.address_hash)
        wanted = select(listed).order_by(listed.c.since.desc(), listed.c.address_hash.desc())
        if (before := paging.after(tuple[datetime, str])) is not None:
            wanted = wanted.where(place < before)
        async with database.connection() as connection:
            rows = (await connection.execute(wanted.limit(paging.limit + 1))).mappings().all()
        entries = [Suppressed(**row) for row in rows]
        return page(request, response, entries, paging.limit, lambda entry: (entry.since, entry.address_hash))

    @routes.post("/look-up", responses=problems(404))
    async def look_up(asked: LookUp, _who: Operator, database: Db) -> Suppressed:
        """Whether, since when and why no mail goes to that address (operator). Nothing of it is kept."""
        wanted = select(listed).where(listed.c.address_hash == suppression.hash_of(asked.email))
        async with database.connection() as connection:
            row = (await connection.execute(wanted)).mappings().one_or_none()
        if row is None:
            raise not_found("suppression")
        return Suppressed(**row)

    @routes.delete("/{address_hash}", status_code=204)
    async def lift_suppression(address_hash: Hash, _who: Operator, database: Db) -> None:
        """Mails go there again from now on (operator), as when somebody's mailbox was restored."""
        async with database.transaction() as tx:
            if not await lift(tx, address_hash):
                raise not_found("suppression")

    return routes
