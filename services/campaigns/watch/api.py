"""What a city has watched in the open, over HTTP: its officers choose it, and see how it goes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints
from sqlalchemy import delete, func, insert, select

from chassis.access import Access, may
from chassis.database import Transaction
from chassis.fetching import AddressRefused, Outside
from chassis.http import Body, Db, Listing, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.ids import new_id
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import conflict, invalid, not_found
from services.campaigns.platforms.addresses import LONGEST, TOO_LONG
from services.campaigns.watch.domain import SourceKind, tag_of, via
from services.campaigns.watch.keeping import drop
from services.campaigns.watch.tables import watched_item, watched_source

BASE = "/api/v1/watched-sources"
MOST = 30
"""Sources of one city: each is asked every hour."""
Officer = Annotated[Access, may(Role.city_officer)]
_Text = Annotated[str, StringConstraints(max_length=500)]


class SourceWanted(Body):
    """What is to be watched: `fediverse` needs a server and a tag, `feed` an address, `mangrove` neither."""

    city_id: UUID
    kind: SourceKind
    address: _Text | None = None
    """Of the feed, or of the server (`https://mastodon.social`)."""
    tag: _Text | None = None
    """`#habay`. Of a feed, only what carries it or has the word; none: all."""


class SourceShown(Shown):
    """A source, and how the last look went."""

    id: UUID
    city_id: UUID
    kind: SourceKind
    address: str
    tag: str
    via: str
    """As readers are told it."""
    added_at: datetime
    looked_at: datetime | None
    """None: not yet."""
    next_look_at: datetime
    trouble: str | None
    """Why it could not be read; none where it could."""
    shown: int
    """How many things it shows, as far as is known here."""


def router(outside: Outside) -> APIRouter:
    """The routes; addresses are such that `outside` speaks to them."""
    routes = APIRouter(prefix=BASE, tags=["campaigns"])
    _add_reading(routes)

    @routes.post("", status_code=201, response_model=SourceShown, responses=problems(409))
    async def add(body: SourceWanted, who: Officer, attempt: Attempt, now: Now) -> Response:
        """Watch a source from now on; it is looked at within seconds, and then every hour."""
        who.within(city_id=body.city_id)
        address, tag = _checked(body, outside)

        async def work(tx: Transaction) -> Answer:
            row = await _added(tx, body, address, tag, now())
            return Answer(201, _shown(row, 0), {"Location": f"{BASE}/{row['id']}"})

        return await attempt.once(work)

    @routes.delete("/{source_id}", status_code=204, responses=problems(404))
    async def remove(source_id: UUID, who: Officer, database: Db, now: Now) -> None:
        """Watch it no more. What no other source shows is shown no more."""
        async with database.transaction() as tx:
            query = select(watched_source).where(watched_source.c.id == source_id).with_for_update()
            row = (await tx.execute(query)).mappings().first()
            if row is None:
                raise not_found("watched source")
            who.within(city_id=row["city_id"])
            await drop(tx, source_id, None, now())
            await tx.execute(delete(watched_source).where(watched_source.c.id == source_id))

    return routes


def _add_reading(routes: APIRouter) -> None:
    @routes.get("", response_model=Listing[SourceShown])
    async def of_city(
        *,
        city: Annotated[UUID, Query(description="Watched for this city.")],
        who: Officer,
        paging: Paging,
        database: Db,
        request: Request,
        response: Response,
    ) -> dict[str, Any]:
        """What is watched for a city, and how each source was when it was last looked at."""
        who.within(city_id=city)
        query = _WITH_COUNTS.where(watched_source.c.city_id == city)
        if (last := paging.after(UUID)) is not None:
            query = query.where(watched_source.c.id < last)
        newest = query.order_by(watched_source.c.id.desc()).limit(paging.limit + 1)
        async with database.scoped(who.cities) as connection:
            rows = [_shown(dict(row), row["shown"]) for row in (await connection.execute(newest)).mappings()]
        return page(request, response, rows, paging.limit, lambda each: each["id"])

    @routes.get("/{source_id}", response_model=SourceShown, responses=problems(404))
    async def read(source_id: UUID, who: Officer, database: Db) -> dict[str, Any]:
        """One source."""
        async with database.connection() as connection:
            query = _WITH_COUNTS.where(watched_source.c.id == source_id)
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise not_found("watched source")
        who.within(city_id=row["city_id"])
        return _shown(dict(row), row["shown"])


_COUNT = (
    select(func.count())
    .select_from(watched_item)
    .where(watched_item.c.source_id == watched_source.c.id)
    .scalar_subquery()
)
_WITH_COUNTS = select(watched_source, _COUNT.label("shown"))


def _checked(body: SourceWanted, outside: Outside) -> tuple[str, str]:
    """Address and tag, as far as the kind has them. Raises the problem 422."""
    needs_address = body.kind is not SourceKind.MANGROVE
    if (body.address is None) == needs_address:
        raise invalid("address", "is needed" if needs_address else "Mangrove has one address for everybody")
    if body.tag is None and body.kind is SourceKind.FEDIVERSE:
        raise invalid("tag", "is needed")
    if body.tag is not None and body.kind is SourceKind.MANGROVE:
        raise invalid("tag", "reviews have none: those within the town are watched")
    try:
        tag = tag_of(body.tag) if body.tag is not None else ""
    except ValueError as error:
        raise invalid("tag", str(error)) from None
    try:
        address = outside.check(body.address) if body.address is not None else ""
    except AddressRefused as error:
        raise invalid("address", str(error)) from None
    if len(address) > LONGEST:
        raise invalid("address", TOO_LONG)
    if body.kind is SourceKind.FEDIVERSE:
        scheme, _, rest = address.partition("://")
        address, tag = f"{scheme}://{rest.partition('/')[0]}", tag.casefold()
    return address, tag


async def _added(
    tx: Transaction, body: SourceWanted, address: str, tag: str, now: datetime
) -> dict[str, Any]:
    # One at a time for each city, so that two requests side by side are not both the thirtieth.
    await tx.execute(select(func.pg_advisory_xact_lock(body.city_id.int & (2**63 - 1))))
    own = watched_source.c.city_id == body.city_id
    others = (
        await tx.execute(
            select(watched_source.c.kind, watched_source.c.address, watched_source.c.tag).where(own)
        )
    ).all()
    if (body.kind.value, address, tag) in {tuple(each) for each in others}:
        raise conflict("already-watched", "This is watched for the city already.")
    if len(others) >= MOST:
        raise conflict("too-many-sources", f"A city watches {MOST} sources at most: remove one first.")
    row = {
        "id": new_id(),
        "city_id": body.city_id,
        "kind": body.kind.value,
        "address": address,
        "tag": tag,
        "added_at": now,
        "due_at": now,
        "looked_at": None,
        "trouble": None,
        "failures": 0,
    }
    await tx.execute(insert(watched_source).values(row))
    return row


def _shown(row: dict[str, Any], shown: int) -> dict[str, Any]:
    names = "id", "city_id", "kind", "address", "tag", "added_at", "looked_at", "trouble"
    said = {name: row[name] for name in names}
    return said | {
        "via": via(SourceKind(row["kind"]), row["address"], row["tag"]),
        "next_look_at": row["due_at"],
        "shown": shown,
    }
