"""Seats over HTTP, for shops: groups to join, offers to take, and calendars."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import exists, select

from chassis.access import Access, may
from chassis.http import Db, Listing, Now
from chassis.identity import Role
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.problems import not_found
from services.assessment import merchants
from services.assessment.assessments.api import Confidant
from services.assessment.coaching import seats, storage
from services.assessment.coaching.api import TAGS
from services.assessment.coaching.calendar_file import calendar_file
from services.assessment.coaching.domain.groups import OFFERING, Group, GroupState, Seat, SeatState
from services.assessment.coaching.shown import GroupSummary, Join, OwnSeat, ShownSeat
from services.assessment.coaching.tables import coaching_groups, coaching_seats
from services.assessment.coaching.words import Words
from services.assessment.requests.api import OfTheShop

_offered = coaching_seats.alias()
_was_offered = coaching_groups.c.state.not_in(
    [GroupState.DRAFT.value, GroupState.CANCELLED.value]
) | exists().where(_offered.c.group_id == coaching_groups.c.id, _offered.c.offered_at.is_not(None))
_MOST = 100
_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"description": "One entry.", "content": {"text/calendar": {}}}
}


def router(words: Words) -> APIRouter:
    """The routes, with these texts for calendars."""
    routes = APIRouter(prefix="/api/v1", tags=[*TAGS])
    _add_reading(routes)
    _add_changing(routes)
    _add_calendar(routes, words)
    return routes


def _add_reading(routes: APIRouter) -> None:
    @routes.get("/coaching-groups/open", responses=problems(404))
    async def list_open_groups(
        merchant: UUID, who: Confidant, database: Db, clock: Now
    ) -> Listing[GroupSummary]:
        """Groups of the shop's city that it can join, the next first (its people, or a consultant)."""
        known = coaching_groups.c
        async with database.scoped(who.cities) as connection:
            shop = await merchants.find(connection, merchant)
            if shop is None:
                raise not_found("merchant")
            who.within(city_id=shop.city_id, merchant_id=merchant)
            still = (known.city_id == shop.city_id, known.state.in_(OFFERING), known.starts_at > clock())
            wanted = select(coaching_groups).where(*still).order_by(known.starts_at, known.id).limit(_MOST)
            rows = (await connection.execute(wanted)).mappings().all()
        return Listing(items=[GroupSummary.of(storage.group_of(row)) for row in rows])

    @routes.get("/coaching-seats", responses=problems(404))
    async def list_seats(merchant: UUID, who: Confidant, database: Db) -> Listing[OwnSeat]:
        """Where the shop is, or was, in a group or in line, latest first (its people, or a consultant).

        Without groups whose seats nobody was ever offered: they are in preparation, or were given up in it.
        """
        known, told = coaching_seats.c, coaching_groups.c
        async with database.scoped(who.cities) as connection:
            shop = await merchants.find(connection, merchant)
            if shop is None:
                raise not_found("merchant")
            who.within(city_id=shop.city_id, merchant_id=merchant)
            of_shop = select(coaching_seats).join(coaching_groups, told.id == known.group_id)
            wanted = of_shop.where(known.merchant_id == merchant, _was_offered)
            rows = (await connection.execute(wanted.order_by(known.id.desc()).limit(_MOST))).mappings().all()
            ids = {row["group_id"] for row in rows}
            groups = (await connection.execute(select(coaching_groups).where(told.id.in_(ids)))).mappings()
            by_id = {row["id"]: GroupSummary.of(storage.group_of(row)) for row in groups}
        seats_shown = [ShownSeat.of(storage.seat_of(row)) for row in rows]
        return Listing(items=[OwnSeat(**vars(each), group=by_id[each.group_id]) for each in seats_shown])


def _add_changing(routes: APIRouter) -> None:
    @routes.post("/coaching-groups/{group_id}/seats", responses=problems(404, 409))
    async def join_group(group_id: UUID, asked: Join, who: OfTheShop, database: Db, clock: Now) -> ShownSeat:
        """Take a free seat, or go to the end of the line (the shop's people). Done twice, it is done once."""
        async with database.transaction() as tx:
            return ShownSeat.of(await seats.join(tx, group_id, asked.request_id, by=who, now=clock()))

    @routes.post("/coaching-seats/{seat_id}/acceptance", responses=problems(404, 409))
    async def take_seat(seat_id: UUID, who: OfTheShop, database: Db, clock: Now) -> ShownSeat:
        """Take the seat that is offered (the shop's people); the request leaves its other lines."""
        async with database.transaction() as tx:
            return ShownSeat.of(await seats.take(tx, seat_id, by=who, now=clock()))

    @routes.delete("/coaching-seats/{seat_id}", responses=problems(404, 409))
    async def leave_seat(seat_id: UUID, who: OfTheShop, database: Db, clock: Now) -> ShownSeat:
        """Decline an offer, leave the line or give the seat back (the shop's people): it is offered on."""
        async with database.transaction() as tx:
            return ShownSeat.of(await seats.leave(tx, seat_id, by=who, now=clock()))


def _add_calendar(routes: APIRouter, words: Words) -> None:
    def entry(group: Group, own: Seat | None, language: str) -> Response:
        file = calendar_file(group, words.title_of(group.dimension, language), own)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="coaching-{group.id}.ics"',
            "Content-Language": language,
        }
        return Response(file, headers=headers, media_type="text/calendar; charset=utf-8")

    @routes.get("/coaching-groups/{group_id}/calendar", response_class=Response, responses=_CALENDAR)
    async def group_calendar(
        group_id: UUID,
        who: Annotated[Access, may(Role.consultant)],
        database: Db,
        language: ReadersLanguage,
    ) -> Response:
        """The group for a consultant's calendar (iCalendar)."""
        async with database.scoped(who.cities) as connection:
            group = await storage.group(connection, group_id)
        who.within(city_id=group.city_id)
        return entry(group, None, language)

    @routes.get("/coaching-seats/{seat_id}/calendar", response_class=Response, responses=_CALENDAR)
    async def seat_calendar(
        seat_id: UUID, who: OfTheShop, database: Db, language: ReadersLanguage
    ) -> Response:
        """The group for the shop's calendar (iCalendar), cancelled once it has no seat any more."""
        async with database.scoped(who.cities) as connection:
            own = await storage.seat(connection, seat_id)
            who.within(city_id=own.city_id, merchant_id=own.merchant_id)
            group = await storage.group(connection, own.group_id)
        if own.state is not SeatState.TAKEN and own.taken_at is None:
            raise not_found("taken seat")
        return entry(group, own, language)
