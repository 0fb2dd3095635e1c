"""Sessions over HTTP: consultants announce and hold those of their cities, everybody sees which there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select, true, tuple_

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Db, Listing, Moment, Now
from chassis.idempotency import Answer, Attempt
from chassis.identity import Role
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.preconditions import IfMatch, etag
from chassis.problems import conflict, invalid
from services.assessment import cities
from services.assessment.advice.catalogue import Catalogue as Advice
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.sessions import storage, use_cases
from services.assessment.sessions.domain import IllegalTransition, InvalidPlan, Kind, Session, State
from services.assessment.sessions.shown import (
    SessionDraft,
    SessionHolding,
    SessionRevision,
    ShownSession,
    ShownSessionInFull,
    session_in_full,
    session_shown,
)
from services.assessment.sessions.tables import sessions

PATH = "/api/v1/town-sessions"
TAGS = ["town sessions"]
FORM = "session-form"
"""The questionnaire that is filled in at sessions."""

Consultant = Annotated[Access, may(Role.consultant)]


def router(catalogue: Catalogue, advice: Advice) -> APIRouter:
    """The routes, over these published questionnaires and trainings."""
    routes = APIRouter(prefix=PATH)
    _add_announcing(routes, catalogue, advice)
    _add_ending(routes)
    _add_reading(routes)
    return routes


async def find_of_consultant(tx: Transaction, session_id: UUID, who: Access, *, change: bool) -> Session:
    """The session, where its consultant asks; locked where it is to change. Raises Problem."""
    session = await storage.find(tx, session_id, to_change=change)
    who.within(city_id=session.city_id)
    return session


def _add_announcing(routes: APIRouter, catalogue: Catalogue, advice: Advice) -> None:
    @routes.post("", status_code=201, response_model=ShownSessionInFull, tags=[*TAGS])
    async def announce(draft: SessionDraft, who: Consultant, attempt: Attempt) -> Response:
        """Announce a session (a consultant of the city)."""
        who.within(city_id=draft.city_id)
        form = catalogue.find(FORM)
        assert form is not None, "it is shipped with the service"

        async def work(tx: Transaction) -> Answer:
            await cities.require_known(tx, {draft.city_id: "city_id"}, who)
            with refusals():
                new = await use_cases.announce(tx, draft.city_id, draft.plan(), form, advice)
            headers = {"Location": f"{PATH}/{new.id}", "ETag": etag(new.version)}
            return Answer(201, session_in_full(new, 0).model_dump(mode="json"), headers)

        return await attempt.once(work)

    @routes.patch("/{town_session_id}", responses=problems(404, 409), tags=[*TAGS])
    async def revise(
        *,
        town_session_id: UUID,
        revision: SessionRevision,
        who: Consultant,
        expected: IfMatch,
        database: Db,
        now: Now,
        response: Response,
    ) -> ShownSessionInFull:
        """Change what was announced (a consultant of the city)."""
        async with database.transaction() as tx:
            found = await find_of_consultant(tx, town_session_id, who, change=True)
            expected.check(found.version)
            with refusals():
                plan = revision.applied_to(found.plan)
                revised = await use_cases.revise(tx, found, plan, advice, now())
            return await _in_full(tx, revised, response)


def _add_ending(routes: APIRouter) -> None:
    @routes.post("/{town_session_id}/cancel", responses=problems(404, 409), tags=[*TAGS])
    async def cancel(
        town_session_id: UUID, who: Consultant, expected: IfMatch, database: Db, response: Response
    ) -> ShownSessionInFull:
        """Call it off (a consultant of the city). Its join code opens nothing any more."""
        async with database.transaction() as tx:
            found = await find_of_consultant(tx, town_session_id, who, change=True)
            expected.check(found.version)
            with refusals():
                return await _in_full(tx, await use_cases.cancel(tx, found), response)

    @routes.post("/{town_session_id}/hold", responses=problems(404, 409), tags=[*TAGS])
    async def hold(
        *,
        town_session_id: UUID,
        holding: SessionHolding,
        who: Consultant,
        expected: IfMatch,
        database: Db,
        now: Now,
        response: Response,
    ) -> ShownSessionInFull:
        """Say that it was held, and with how many (a consultant of the city). Forms are still taken."""
        async with database.transaction() as tx:
            found = await find_of_consultant(tx, town_session_id, who, change=True)
            expected.check(found.version)
            with refusals():
                held = await use_cases.hold(tx, found, holding.participants, now())
            return await _in_full(tx, held, response)


def _add_reading(routes: APIRouter) -> None:
    @routes.get("", dependencies=[PUBLIC], tags=["questionnaires"])
    async def list_sessions(
        *,
        paging: Paging,
        database: Db,
        request: Request,
        response: Response,
        city: Annotated[UUID | None, Query(description="Of this city only.")] = None,
        kind: Annotated[Kind | None, Query(description="Of this kind only.")] = None,
        state: Annotated[State | None, Query(description="In this state only.")] = None,
        since: Annotated[Moment | None, Query(description="That begin then or later.")] = None,
    ) -> Listing[ShownSession]:
        """Sessions in the order of their time."""
        wanted = [
            true(),
            *([sessions.c.city_id == city] if city else []),
            *([sessions.c.kind == kind.value] if kind else []),
            *([sessions.c.state == state.value] if state else []),
            *([sessions.c.starts_at >= since] if since else []),
        ]
        place = tuple_(sessions.c.starts_at, sessions.c.id)
        if (last := paging.after(tuple[datetime, UUID])) is not None:
            wanted.append(place > last)
        query = select(sessions).where(*wanted).order_by(*place.clauses).limit(paging.limit + 1)
        async with database.connection() as connection:
            rows = (await connection.execute(query)).mappings().all()
        shown = [session_shown(storage.of_row(row)) for row in rows]
        return Listing(**page(request, response, shown, paging.limit, lambda each: (each.starts_at, each.id)))

    @routes.get("/{town_session_id}", dependencies=[PUBLIC], tags=["questionnaires"])
    async def show_session(town_session_id: UUID, database: Db, response: Response) -> ShownSession:
        """One session."""
        async with database.connection() as connection:
            found = await storage.find(connection, town_session_id)
        response.headers["ETag"] = etag(found.version)
        return session_shown(found)


async def _in_full(tx: Transaction, session: Session, response: Response) -> ShownSessionInFull:
    response.headers["ETag"] = etag(session.version)
    return session_in_full(session, await storage.forms_of(tx, session.id))


@contextmanager
def refusals() -> Iterator[None]:
    """What the rules refuse, as problems."""
    try:
        yield
    except InvalidPlan as refused:
        raise invalid(refused.field, refused.detail) from refused
    except IllegalTransition as refused:
        raise conflict("illegal-transition", str(refused), state=refused.state.value) from refused
