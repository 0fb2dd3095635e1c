"""A session as a file for calendars (RFC 5545): one UID for ever, a sequence that rises with each change."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from icalendar import Calendar, Event

from chassis.access import PUBLIC
from chassis.http import Db, Now
from chassis.openapi import problems
from services.assessment.sessions import storage
from services.assessment.sessions.api import PATH
from services.assessment.sessions.domain import Session, State

MEDIA_TYPE = "text/calendar"


def router() -> APIRouter:
    """The route."""
    routes = APIRouter(prefix=PATH, dependencies=[PUBLIC], tags=["questionnaires"])

    @routes.get(
        "/{town_session_id}/session.ics",
        response_class=Response,
        responses={200: {"content": {MEDIA_TYPE: {}}}, **problems(404)},
    )
    async def show_in_calendar(town_session_id: UUID, database: Db, now: Now) -> Response:
        """For a calendar. Opened again after a change, it replaces what is there; or strikes it out."""
        async with database.connection() as connection:
            session = await storage.find(connection, town_session_id)
        return Response(in_calendar(session, now()), media_type=MEDIA_TYPE)

    return routes


def in_calendar(session: Session, now: datetime) -> bytes:
    """The file. Whatever somebody typed as title or place is escaped by the library."""
    cancelled = session.state is State.CANCELLED
    event = Event()
    event.add("uid", f"session-{session.id}@cococity")
    event.add("sequence", session.version - 1)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("dtstamp", now)
    event.add("dtstart", session.plan.starts_at)
    event.add("dtend", session.plan.ends_at)
    event.add("summary", session.plan.title)
    event.add("location", session.plan.place)
    calendar = Calendar()
    calendar.add("prodid", "-//CoCoCity//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
