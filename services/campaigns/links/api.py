"""Short links over HTTP: an ambassador's own, those of shops and campaigns, and their QR codes."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Annotated, Any
from uuid import UUID

import segno
from fastapi import APIRouter, Path, Request, Response
from sqlalchemy import select

from chassis.access import MAY_PERSON, PUBLIC
from chassis.clock import Clock
from chassis.database import Transaction, after_commit
from chassis.http import Body, Db, Listing, Now, Shown
from chassis.idempotency import Answer, Attempt
from chassis.identity import Principal, Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import forbidden, invalid, not_found
from services.campaigns.contributors import contributor_of, known_contributor, pseudonym_of
from services.campaigns.links import storage
from services.campaigns.links.destinations import Destinations
from services.campaigns.links.domain import PATH, Kind, Link, Target, code_of
from services.campaigns.links.tables import share_link
from services.campaigns.links.targets import listed_shop, open_campaign
from services.campaigns.visits import reading
from services.campaigns.visits.api import Period, VisitsShown
from services.campaigns.visits.api import shown as visits_shown

BASE = "/api/v1/share-links"
Signed = Annotated[Principal, MAY_PERSON]
Code = Annotated[str, Path(max_length=50, description="Of a short link, in capitals or not.")]


class ShareLinkWanted(Body):
    """What to link to: a shop or a campaign."""

    merchant_id: UUID | None = None
    campaign_id: UUID | None = None


class ShareLinkShown(Shown):
    """A short link."""

    code: str
    address: str
    """What is passed on, printed, and in the QR code."""
    qr: str
    """Path of the QR code, as SVG."""
    kind: Kind
    merchant_id: UUID | None
    campaign_id: UUID | None
    made_at: datetime
    withdrawn_at: datetime | None


class OwnLinkShown(ShareLinkShown):
    """One's own short link, and what it brought so far."""

    visits: int


class OwnLinkByDay(OwnLinkShown):
    """The same, by day."""

    days: list[VisitsShown]


def router(destinations: Destinations, public_url: str) -> APIRouter:
    """The routes; links are under `public_url`."""
    routes = APIRouter(prefix=BASE, tags=["share-links"])
    _add_permanent(routes, public_url)
    _add_own(routes, public_url)
    _add_withdrawing(routes, destinations)
    _add_qr(routes, public_url)
    return routes


def _add_own(routes: APIRouter, public_url: str) -> None:
    @routes.post(
        "",
        status_code=201,
        response_model=ShareLinkShown,
        responses={200: {"description": "Made before", "model": ShareLinkShown}, **problems(404, 409)},
    )
    async def make(body: ShareLinkWanted, principal: Signed, attempt: Attempt, now: Now) -> Response:
        """One's own short link to a shop or a campaign; 200 with the same where there is one already."""
        if (body.merchant_id is None) == (body.campaign_id is None):
            raise invalid("merchant_id", "say either a merchant or a campaign")
        if body.merchant_id is not None and _runs(principal, body.merchant_id):
            raise forbidden("This is your shop: pass on its own permanent link. Only others are ambassadors.")

        async def work(tx: Transaction) -> Answer:
            target = await _target(tx, body, now())
            contributor_id = await contributor_of(tx, principal.person_id)
            link, is_new = await storage.link_to(tx, Kind.SHARE, target, contributor_id, now())
            headers = {"Location": f"{BASE}/{link.code}"}
            return Answer(201 if is_new else 200, shown(link, public_url), headers)

        return await attempt.once(work)

    @routes.get("", response_model=Listing[OwnLinkShown])
    async def list_own(
        principal: Signed, paging: Paging, database: Db, request: Request, response: Response
    ) -> dict[str, Any]:
        """One's own short links, withdrawn ones too, newest first."""
        async with database.connection() as connection:
            # Not their pseudonym by itself: who has none yet would be shown the links that are nobody's.
            own = share_link.c.contributor_id.in_(pseudonym_of(principal.person_id))
            query = select(share_link).where(own)
            if (last := paging.after(UUID)) is not None:
                query = query.where(share_link.c.id < last)
            newest = query.order_by(share_link.c.id.desc()).limit(paging.limit + 1)
            rows = (await connection.execute(newest)).mappings().all()
            links = [storage.of_row(row) for row in rows]
            visits = await reading.totals(connection, [each.id for each in links])
        listing = page(request, response, links, paging.limit, lambda each: each.id)
        items = [{**shown(each, public_url), "visits": visits.get(each.id, 0)} for each in listing["items"]]
        return {**listing, "items": items}

    @routes.get("/{code}", response_model=OwnLinkByDay, responses=problems(404))
    async def show_own(code: Code, principal: Signed, period: Period, database: Db) -> dict[str, Any]:
        """One of one's own short links, with what it brought in all, and by day."""
        async with database.connection() as connection:
            link = await own_link(connection, code, principal)
            total = await reading.totals(connection, [link.id])
            days = await reading.of_link(connection, link.id, *period)
        brought = {"visits": total.get(link.id, 0), "days": visits_shown(days)}
        return {**shown(link, public_url), **brought}


def _add_withdrawing(routes: APIRouter, destinations: Destinations) -> None:
    @routes.delete("/{code}", status_code=204, responses=problems(404))
    async def take_back(code: Code, principal: Signed, database: Db, now: Now) -> None:
        """Withdraw one's own link: it leads nowhere any more. What it brought stays counted."""
        async with database.transaction() as tx:
            link = await own_link(tx, code, principal, to_change=True)
            if link.withdrawn_at is None:
                await storage.withdraw(tx, link, now())
                after_commit(tx, lambda: destinations.forget(link.code))


def _add_permanent(routes: APIRouter, public_url: str) -> None:
    @routes.get(
        "/merchants/{merchant_id}",
        response_model=ShareLinkShown,
        dependencies=[PUBLIC],
        responses=problems(404, 409),
    )
    async def show_shops(merchant_id: UUID, database: Db, now: Now) -> dict[str, Any]:
        """The permanent link of a listed shop, campaign or not: one for ever, made when first asked for."""
        async with database.transaction() as tx:
            return shown(await shops_link(tx, merchant_id, now), public_url)

    @routes.get(
        "/campaigns/{campaign_id}",
        response_model=ShareLinkShown,
        dependencies=[PUBLIC],
        responses=problems(404, 409),
    )
    async def show_campaigns(campaign_id: UUID, database: Db, now: Now) -> dict[str, Any]:
        """The link by which a campaign is joined: one for ever, made when first asked for."""
        async with database.transaction() as tx:
            return shown(await joining_link(tx, campaign_id, now), public_url)


def _add_qr(routes: APIRouter, public_url: str) -> None:
    @routes.get(
        "/{code}/qr.svg",
        dependencies=[PUBLIC],
        response_class=Response,
        responses={200: {"content": {"image/svg+xml": {}}}, **problems(404)},
    )
    async def show_qr(code: Code, database: Db) -> Response:
        """The address of a link that holds as a QR code, to be shown or printed."""
        async with database.connection() as connection:
            link = await _known(connection, code)
        if link.withdrawn_at is not None:
            raise not_found("share link")
        image = BytesIO()
        drawn = segno.make_qr(address_of(link, public_url), error="m")
        drawn.save(image, kind="svg", scale=8, border=4, omitsize=True)
        headers = {"Cache-Control": "public, max-age=3600"}
        return Response(image.getvalue(), media_type="image/svg+xml", headers=headers)


async def shops_link(tx: Transaction, merchant_id: UUID, now: Clock) -> Link:
    """The permanent link of a shop. Raises the problems 404 and 409."""
    target = await listed_shop(tx, merchant_id)
    return (await storage.link_to(tx, Kind.SHOP, target, None, now()))[0]


async def joining_link(tx: Transaction, campaign_id: UUID, now: Clock) -> Link:
    """The link by which a campaign is joined. Raises the problems 404 and 409."""
    target = await open_campaign(tx, campaign_id, now())
    return (await storage.link_to(tx, Kind.JOIN, target, None, now()))[0]


async def own_link(tx: Transaction, code: str, principal: Principal, *, to_change: bool = False) -> Link:
    """The link, where it is the person's own; those of others are not shown to exist (404)."""
    own = await known_contributor(tx, principal.person_id)
    link = await _known(tx, code, to_change=to_change)
    if own is None or link.contributor_id != own:
        raise not_found("share link")
    return link


async def _known(tx: Transaction, typed: str, *, to_change: bool = False) -> Link:
    code = code_of(typed)
    link = await storage.by_code(tx, code, to_change=to_change) if code else None
    if link is None:
        raise not_found("share link")
    return link


def address_of(link: Link, public_url: str) -> str:
    """What is passed on and printed."""
    return public_url + PATH + link.code


def shown(link: Link, public_url: str) -> dict[str, Any]:
    """As `ShareLinkShown`."""
    return {
        "code": link.code,
        "address": address_of(link, public_url),
        "qr": f"{BASE}/{link.code}/qr.svg",
        "kind": link.kind.value,
        "merchant_id": link.target.merchant_id,
        "campaign_id": link.target.campaign_id,
        "made_at": link.made_at,
        "withdrawn_at": link.withdrawn_at,
    }


def _runs(principal: Principal, merchant_id: UUID) -> bool:
    return any(principal.has(role, merchant_id=merchant_id) for role in (Role.merchant, Role.merchant_staff))


async def _target(tx: Transaction, wanted: ShareLinkWanted, now: datetime) -> Target:
    if wanted.merchant_id is not None:
        return await listed_shop(tx, wanted.merchant_id)
    assert wanted.campaign_id is not None
    return await open_campaign(tx, wanted.campaign_id, now)
