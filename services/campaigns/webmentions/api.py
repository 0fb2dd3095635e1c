"""Receives Webmentions (https://www.w3.org/TR/webmention/#receiving-webmentions); officers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from chassis import limits
from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.fetching import AddressRefused, Outside
from chassis.http import Db, Listing, Now, Shown
from chassis.identity import Role
from chassis.ids import new_id
from chassis.limits import Limit
from chassis.network import Network
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import Problem
from services.campaigns.links.tables import share_link
from services.campaigns.places.storage import is_closed
from services.campaigns.places.tables import known_merchant
from services.campaigns.platforms.addresses import LONGEST, TOO_LONG
from services.campaigns.watch.domain import own_pages
from services.campaigns.webmentions.tables import State, webmention

BASE = "/api/v1/elsewhere/webmentions"
_FROM_NETWORK = Limit("webmentions", 60, limits.KEPT / 24)
_FROM_HOST = Limit("webmentions from a host", 20, limits.KEPT / 24)
"""Nobody's server is asked more often because others name it."""
_OF_SHOP = Limit("webmentions of a shop", 60, limits.KEPT / 24)
_MOST_BODY_BYTES = 8_192
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["source", "target"],
                    "properties": {"source": {"type": "string"}, "target": {"type": "string"}},
                }
            }
        },
    }
}


class WebmentionShown(Shown):
    """A page that said that it mentions a shop."""

    id: UUID
    merchant_id: UUID
    source: str
    target: str
    state: State
    reason: str | None
    received_at: datetime
    looked_at: datetime | None


def router(outside: Outside, public_url: str) -> APIRouter:
    """The routes; what is fetched later is such that `outside` speaks to it."""
    routes = APIRouter(prefix=BASE, tags=["campaigns"])

    @routes.post(
        "",
        status_code=202,
        response_class=Response,
        dependencies=[PUBLIC],
        responses=problems(400, 413),
        openapi_extra=_FORM,
        max_body_size=_MOST_BODY_BYTES,
    )
    async def receive(request: Request, network: Network, database: Db, now: Now) -> Response:
        """Say that the page at `source` links to a shop's page here. It is looked at within seconds.

        Sent again after a change or a deletion there, it is looked at again.
        """
        await limits.count(database, _FROM_NETWORK, network, now())
        source, target = _said(await request.body())
        try:
            source = outside.check(source)
        except AddressRefused as error:
            raise _refused("source", str(error)) from None
        if len(source) > LONGEST:
            raise _refused("source", TOO_LONG)
        async with database.transaction() as tx:
            shop = await _shop(tx, source, target, public_url)
        tried = [(_FROM_HOST, urlsplit(source).hostname or ""), (_OF_SHOP, str(shop.id))]
        async with database.transaction() as tx:
            await limits.take(tx, tried, now())
            await _note(tx, source, target, shop, now())
        return Response(status_code=202)

    @routes.get("", response_model=Listing[WebmentionShown])
    async def of_city(
        *,
        city: Annotated[UUID, Query(description="About shops of this city.")],
        who: Annotated[Access, may(Role.city_officer)],
        paging: Paging,
        database: Db,
        request: Request,
        response: Response,
    ) -> dict[str, Any]:
        """What came for a city's shops, the newest first, and what came of it."""
        who.within(city_id=city)
        query = select(webmention).where(webmention.c.city_id == city)
        if (last := paging.after(UUID)) is not None:
            query = query.where(webmention.c.id < last)
        newest = query.order_by(webmention.c.id.desc()).limit(paging.limit + 1)
        async with database.scoped(who.cities) as connection:
            rows = [dict(row) for row in (await connection.execute(newest)).mappings()]
        return page(request, response, rows, paging.limit, lambda each: each["id"])

    return routes


def _said(body: bytes) -> tuple[str, str]:
    try:
        form = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=20)
    except (ValueError, UnicodeError):
        raise _refused("source", "is sent as a form, with `source` and `target`") from None
    for field in ("source", "target"):
        values = form.get(field, [])
        if len(values) != 1 or len(values[0].encode()) > LONGEST or not values[0].isprintable():
            raise _refused(field, "is one address")
    if form["source"] == form["target"]:
        raise _refused("source", "is the target itself")
    return form["source"][0], form["target"][0]


async def _shop(tx: Transaction, source: str, target: str, public_url: str) -> Row[UUID, UUID]:
    """Whom the target is of. Raises the problem 400."""
    pages, codes = own_pages([target], public_url)
    if own_pages([source], public_url) != ([], []):
        raise _refused("source", "is one of our own pages")
    by_code = select(share_link.c.merchant_id).where(share_link.c.code.in_(codes))
    ours = known_merchant.c.id.in_(pages) | known_merchant.c.id.in_(by_code)
    query = select(known_merchant.c.id, known_merchant.c.city_id).where(ours, ~is_closed(known_merchant.c.id))
    shop = (await tx.execute(query)).first()
    if shop is None:
        raise _refused("target", "is no page of a shop that is listed here")
    return shop


async def _note(tx: Transaction, source: str, target: str, shop: Row[UUID, UUID], now: datetime) -> None:
    row = {
        "id": new_id(),
        "city_id": shop.city_id,
        "merchant_id": shop.id,
        "source": source,
        "target": target,
        "state": State.WAITING.value,
        "received_at": now,
        "due_at": now,
        "failures": 0,
    }
    again = {"due_at": now, "failures": 0}
    noted = insert(webmention).values(row)
    await tx.execute(noted.on_conflict_do_update(constraint="webmention_once", set_=again))


def _refused(field: str, reason: str) -> Problem:
    """400 and not 422: the specification says so."""
    return Problem(400, "no-webmention", "No Webmention", f"{field} {reason}.")
