"""A shop's connected accounts over HTTP: whoever runs the shop connects them, and takes them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import StringConstraints
from sqlalchemy import select

from chassis.access import Access, may
from chassis.http import Body, Db, Now, Shown
from chassis.identity import Role
from chassis.openapi import problems
from chassis.problems import Problem, conflict, forbidden, invalid, not_found, unavailable
from chassis.sealing import Seal, Unsealable
from services.campaigns.connections import use_cases
from services.campaigns.connections.clock import Connectors
from services.campaigns.connections.domain import Grant, GrantEnded, Location, State
from services.campaigns.connections.google import Google, NotAuthorised
from services.campaigns.connections.tables import connection
from services.campaigns.watch.domain import Trouble

BASE = "/api/v1/elsewhere/merchants/{merchant_id}/connections"
Owner = Annotated[Access, may(Role.merchant)]
Opaque = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class ConnectionShown(Shown):
    """How it stands with one platform."""

    connector: str
    name: str
    reads: Sequence[str]
    keeps: Sequence[str]
    terms: str
    state: State | None
    """None: not connected."""
    title: str | None
    """Of the place there."""
    link: str | None
    connected_at: datetime | None
    looked_at: datetime | None
    trouble: str | None
    """Why it could not be read last; it is tried again."""
    reason: str | None
    """Why the platform ended it: connect it again."""


class DepartureShown(Shown):
    """Where to send the person."""

    url: str
    expires_in: int
    """Seconds."""


class Arrival(Body):
    """What the platform sent the person back with, to `/connect/{connector}` of the portal."""

    state: Opaque
    code: Opaque


class LocationShown(Shown):
    """A place that the account manages."""

    location: str
    title: str
    link: str


class LocationChosen(Body):
    """Which of them is the shop."""

    location: Annotated[str, StringConstraints(min_length=1, max_length=500)]


def router(connectors: Connectors, seal: Seal | None) -> APIRouter:
    """The routes; without keys nothing can be connected."""
    routes = APIRouter(prefix=BASE, tags=["campaigns"])

    def known(key: str) -> tuple[Google, Seal]:
        if key not in connectors or seal is None:
            raise not_found("connector")
        return connectors[key], seal

    @routes.get("", response_model=list[ConnectionShown])
    async def of_shop(merchant_id: UUID, who: Owner, database: Db) -> list[dict[str, Any]]:
        """What can be connected, what is, and how it went last."""
        who.within(city_id=None, merchant_id=merchant_id)
        async with database.connection() as tx:
            rows = (
                await tx.execute(select(connection).where(connection.c.merchant_id == merchant_id))
            ).mappings()
            by_key = {row["connector"]: dict(row) for row in rows if row["state"] != State.LEAVING.value}
        return [_shown(each, by_key.get(each.declared.key)) for each in connectors.values()]

    _add_connecting(routes, known)
    _add_choosing(routes, known)

    @routes.delete("/{connector}", status_code=204, responses=problems(404))
    async def take_back(merchant_id: UUID, connector: str, who: Owner, database: Db, now: Now) -> None:
        """Connected no more: the token is given back to the platform within seconds, and deleted."""
        who.within(city_id=None, merchant_id=merchant_id)
        which = (connection.c.merchant_id == merchant_id) & (connection.c.connector == connector)
        async with database.transaction() as tx:
            if not await use_cases.leave(tx, which, now()):
                raise not_found("connection")

    return routes


def _add_connecting(routes: APIRouter, known: Any) -> None:
    @routes.post("/{connector}/departures", response_model=DepartureShown, responses=problems(404, 409))
    async def depart(merchant_id: UUID, connector: str, who: Owner, database: Db, now: Now) -> DepartureShown:
        """Begin: where the person gives their leave. They come back to `/connect/{connector}`."""
        who.within(city_id=None, merchant_id=merchant_id)
        platform, seal = known(connector)
        async with database.transaction() as tx:
            begun = await use_cases.depart(
                tx, merchant_id, connector, person_id=who.person_id, seal=seal, now=now()
            )
        lasts = int(use_cases.REQUEST_FOR.total_seconds())
        return DepartureShown(url=platform.consent(*begun), expires_in=lasts)

    @routes.post(
        "/{connector}/arrivals", response_model=ConnectionShown, responses=problems(403, 404, 410, 503)
    )
    async def arrive(
        *, merchant_id: UUID, connector: str, asked: Arrival, who: Owner, database: Db, now: Now
    ) -> dict[str, Any]:
        """Come back, once, as the same person. Where the account manages one place, that is the shop."""
        who.within(city_id=None, merchant_id=merchant_id)
        platform, seal = known(connector)
        async with database.transaction() as tx:
            request = await use_cases.take_request(
                tx, asked.state, merchant_id, connector, person_id=who.person_id, now=now()
            )
        if request is None:
            raise _not_under_way()
        grant, places = await _granted(
            platform, asked.code, seal.open(request["sealed_verifier"], who.person_id)
        )
        only = places[0] if len(places) == 1 else None
        async with database.transaction() as tx:
            await use_cases.connect(tx, request, grant, only, seal=seal, now=now())
            return _shown(platform, await use_cases.found(tx, merchant_id, connector))


def _add_choosing(routes: APIRouter, known: Any) -> None:
    @routes.get(
        "/{connector}/locations", response_model=list[LocationShown], responses=problems(404, 409, 503)
    )
    async def list_locations(
        merchant_id: UUID, connector: str, who: Owner, database: Db
    ) -> list[dict[str, str]]:
        """The places that the account manages, asked for now."""
        who.within(city_id=None, merchant_id=merchant_id)
        platform, seal = known(connector)
        async with database.connection() as tx:
            row = await _open(tx, merchant_id, connector)
        places = await _places(platform, row, seal)
        return [{"location": each.name, "title": each.title, "link": each.link} for each in places]

    @routes.put("/{connector}/location", response_model=ConnectionShown, responses=problems(404, 409, 503))
    async def choose(
        *, merchant_id: UUID, connector: str, chosen: LocationChosen, who: Owner, database: Db, now: Now
    ) -> dict[str, Any]:
        """Say which of them is the shop; it is read from now on, once a day."""
        who.within(city_id=None, merchant_id=merchant_id)
        platform, seal = known(connector)
        async with database.connection() as tx:
            row = await _open(tx, merchant_id, connector)
        places = {each.name: each for each in await _places(platform, row, seal)}
        if chosen.location not in places:
            raise invalid("location", "is none of the places that the account manages")
        async with database.transaction() as tx:
            await use_cases.choose(tx, row, places[chosen.location], now())
            return _shown(platform, await use_cases.found(tx, merchant_id, connector))


async def _granted(platform: Google, code: str, verifier: str) -> tuple[Grant, list[Location]]:
    try:
        grant = await platform.exchange(code, verifier)
        return grant, await platform.locations(grant)
    except (GrantEnded, NotAuthorised) as ended:
        raise forbidden(str(ended) or "The platform does not accept the leave it gave.") from None
    except Trouble as trouble:
        raise unavailable(str(trouble)) from None


async def _places(platform: Google, row: dict[str, Any], seal: Seal) -> list[Location]:
    try:
        grant = await platform.refresh(seal.open(row["sealed_token"], row["id"]))
        return await platform.locations(grant)
    except (GrantEnded, NotAuthorised, Unsealable):
        raise _ended() from None
    except Trouble as trouble:
        raise unavailable(str(trouble)) from None


async def _open(tx: Any, merchant_id: UUID, connector: str) -> dict[str, Any]:
    row = await use_cases.found(tx, merchant_id, connector)
    if row is None:
        raise not_found("connection")
    if row["state"] == State.DISCONNECTED.value:
        raise _ended()
    return row


def _ended() -> Problem:
    return conflict("connection-ended", "The platform does not accept the leave any more: connect it again.")


def _not_under_way() -> Problem:
    detail = "This is not under way: it was used, took too long, or was begun by somebody else."
    return Problem(410, "no-such-departure", "Begin again", detail)


def _shown(connector: Google, row: dict[str, Any] | None) -> dict[str, Any]:
    declared = connector.declared
    names = "state", "title", "link", "connected_at", "looked_at", "trouble", "reason"
    return {
        "connector": declared.key,
        "name": declared.name,
        "reads": declared.reads,
        "keeps": declared.keeps,
        "terms": declared.terms,
        **{name: row[name] if row is not None else None for name in names},
    }
