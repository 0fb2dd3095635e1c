"""Registrations over HTTP: a shop comes, or does not after all; a consultant sees who comes and who came."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.access import Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, Now, Shown
from chassis.openapi import problems
from chassis.problems import not_found
from services.assessment import merchants
from services.assessment.assessments.api import CONFIDANTS
from services.assessment.merchants import Merchant
from services.assessment.requests.attending import lock_those_of
from services.assessment.sessions import registrations, storage
from services.assessment.sessions.api import PATH, TAGS, Consultant, find_of_consultant
from services.assessment.sessions.attending import attend
from services.assessment.sessions.registrations import Registration

OfShop = Annotated[Access, may(*CONFIDANTS)]
_ONE = "/{town_session_id}/registrations/{merchant_id}"


class ShownRegistration(Shown):
    session_id: UUID
    merchant_id: UUID
    is_waiting: bool
    """For a seat: there are more who want to come than seats."""
    ahead: int
    """How many wait before it; 0 for one that has a seat."""
    registered_at: datetime
    attended: bool | None


class Attendance(Body):
    attended: bool


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH, tags=[*TAGS])
    _add_coming(routes)
    _add_attendance(routes)
    return routes


def _add_coming(routes: APIRouter) -> None:
    @routes.put(_ONE, responses=problems(404, 409))
    async def register(
        town_session_id: UUID, merchant_id: UUID, who: OfShop, database: Db, now: Now
    ) -> ShownRegistration:
        """Come to a session, or wait for a seat (the shop, or a consultant). Again, it changes nothing."""
        async with database.transaction() as tx:
            merchant = await _merchant_of(tx, merchant_id, who)
            session = await storage.find(tx, town_session_id, to_change=True)
            return _shown(await registrations.register(tx, session, merchant, now()))

    @routes.get(_ONE, responses=problems(404))
    async def show_registration(
        town_session_id: UUID, merchant_id: UUID, who: OfShop, database: Db
    ) -> ShownRegistration:
        """Whether the shop has a seat, or how many wait before it (the shop, or a consultant)."""
        # Not within the caller's cities: the session may be in another, and all who wait before it count.
        async with database.connection() as connection:
            await _merchant_of(connection, merchant_id, who)
            return _shown(await registrations.found(connection, town_session_id, merchant_id))

    @routes.delete(_ONE, status_code=204, responses=problems(404))
    async def withdraw(
        town_session_id: UUID, merchant_id: UUID, who: OfShop, database: Db, now: Now
    ) -> Response:
        """Do not come (the shop, or a consultant); the next in line gets the seat."""
        async with database.transaction() as tx:
            merchant = await _merchant_of(tx, merchant_id, who)
            session = await storage.find(tx, town_session_id, to_change=True)
            await registrations.withdraw(tx, session, merchant, now())
        return Response(status_code=204)


def _add_attendance(routes: APIRouter) -> None:
    @routes.get("/{town_session_id}/registrations", responses=problems(404))
    async def list_registrations(
        town_session_id: UUID, who: Consultant, database: Db
    ) -> Listing[ShownRegistration]:
        """Who comes and who waits, in order; all on one page (a consultant of the city)."""
        async with database.scoped(who.cities) as connection:
            await find_of_consultant(connection, town_session_id, who, change=False)
            found = await registrations.of_session(connection, town_session_id)
        return Listing(items=[_shown(each) for each in found])

    @routes.put(_ONE + "/attendance", responses=problems(404))
    async def note_attendance(
        *,
        town_session_id: UUID,
        merchant_id: UUID,
        noted: Attendance,
        who: Consultant,
        database: Db,
        now: Now,
    ) -> ShownRegistration:
        """Note whether the shop came (a consultant of the city): who came asks for this training no more."""
        async with database.transaction() as tx:
            await lock_those_of(tx, merchant_id)
            session = await find_of_consultant(tx, town_session_id, who, change=True)
            found = await attend(tx, session, merchant_id, attended=noted.attended, now=now())
        return _shown(found)


async def _merchant_of(tx: Transaction, merchant_id: UUID, who: Access) -> Merchant:
    merchant = await merchants.find(tx, merchant_id)
    if merchant is None:
        raise not_found("merchant")
    who.within(city_id=merchant.city_id, merchant_id=merchant_id)
    return merchant


def _shown(registration: Registration) -> ShownRegistration:
    return ShownRegistration(**vars(registration))
