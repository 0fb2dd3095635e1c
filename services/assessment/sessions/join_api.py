"""The form of a session over HTTP: how the room is told the code, and what whoever has it can do."""

from io import BytesIO
from typing import Annotated
from uuid import UUID

import msgspec
import segno
from fastapi import APIRouter, Path, Request, Response

from chassis import limits
from chassis.access import PUBLIC, Access
from chassis.database import Transaction
from chassis.http import Db, Now
from chassis.idempotency import Answer, AnybodysAttempt
from chassis.identity import MaybeSignedIn
from chassis.languages import ReadersLanguage
from chassis.network import Network
from chassis.openapi import problems
from chassis.problems import Problem, conflict, unauthorised
from services.assessment.assessments.api import CONFIDANTS
from services.assessment.assessments.attaching import secret_of
from services.assessment.assessments.shown import assessment_shown
from services.assessment.questionnaires.catalogue import Catalogue
from services.assessment.sessions.api import PATH, TAGS, Consultant, find_of_consultant
from services.assessment.sessions.domain import Session
from services.assessment.sessions.joining import FORMS, FilledIn, hand_in, joined
from services.assessment.sessions.shown import (
    SessionForm,
    ShownForm,
    ShownJoined,
    ShownJoining,
    joined_shown,
)

PAGE = "/join/"
"""Of the portal: where a telephone comes by the QR code."""
_REFUSED = problems(404, 409, 429)
Code = Annotated[str, Path(max_length=50, description="As it is shown in the room, however it is typed.")]


def router(catalogue: Catalogue, public_url: str) -> APIRouter:
    """The routes, over these published questionnaires; people reach the portal at `public_url`."""
    routes = APIRouter(prefix="/api/v1")
    _add_telling_the_room(routes, public_url)
    _add_joining(routes, catalogue)
    _add_handing_in(routes, catalogue)
    return routes


def _add_telling_the_room(routes: APIRouter, public_url: str) -> None:
    base = PATH.removeprefix("/api/v1")

    @routes.get(f"{base}/{{town_session_id}}/join", responses=problems(404, 409), tags=[*TAGS])
    async def show_code(town_session_id: UUID, who: Consultant, database: Db) -> ShownJoining:
        """Its join code, and what the QR code says (a consultant of the city)."""
        async with database.connection() as connection:
            session = await find_of_consultant(connection, town_session_id, who, change=False)
        code = _code_of(session)
        return ShownJoining(
            code=code,
            address=public_url + PAGE + code,
            forms_from=session.forms_from,
            forms_until=session.forms_until,
        )

    @routes.get(
        f"{base}/{{town_session_id}}/join.svg",
        response_class=Response,
        responses={200: {"content": {"image/svg+xml": {}}}, **problems(404, 409)},
        tags=[*TAGS],
    )
    async def show_qr(town_session_id: UUID, who: Consultant, database: Db) -> Response:
        """The join address as a QR code, to be shown on the wall (a consultant of the city)."""
        async with database.connection() as connection:
            session = await find_of_consultant(connection, town_session_id, who, change=False)
        image = BytesIO()
        drawn = segno.make_qr(public_url + PAGE + _code_of(session), error="m")
        drawn.save(image, kind="svg", scale=8, border=4, omitsize=True)
        return Response(image.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


def _code_of(session: Session) -> str:
    if session.join_code is None:
        raise conflict("forms-closed", "This session is over: its join code was given back.")
    return session.join_code


def _add_joining(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.get("/join/{code}", dependencies=[PUBLIC], responses=_REFUSED, tags=[*TAGS])
    async def join(
        code: Code, network: Network, database: Db, now: Now, language: ReadersLanguage
    ) -> ShownJoined:
        """The session of this code, and its questionnaire (anybody in the room)."""
        session = await joined(database, code, network, now())
        return joined_shown(session, catalogue, language)


def _add_handing_in(routes: APIRouter, catalogue: Catalogue) -> None:
    @routes.post(
        "/join/{code}/forms",
        status_code=201,
        response_model=ShownForm,
        dependencies=[PUBLIC],
        responses=_REFUSED,
        tags=[*TAGS],
    )
    async def hand_in_form(
        *,
        code: Code,
        form: SessionForm,
        principal: MaybeSignedIn,
        network: Network,
        attempt: AnybodysAttempt,
        database: Db,
        now: Now,
        language: ReadersLanguage,
        request: Request,
    ) -> Response:
        """Hand in a form: score, reasons and next steps, and a secret to give it to a shop with (anybody)."""
        if form.merchant_id is not None and principal is None:
            raise unauthorised(
                "Sign in to hand in for a shop. Without it, the form can be given to it later."
            )
        key = UUID(request.headers["idempotency-key"])
        try:
            session = await joined(database, code, network, now())
            await limits.count(database, FORMS, network, now())
        except Problem:
            # Forms may be closed by now, or too many have come: a telephone that tries again is told what
            # was answered when it was not listening.
            if (first := await attempt.first_answer()) is None:
                raise
            return _with_secret(first, key)

        async def work(tx: Transaction) -> Answer:
            completed = await hand_in(
                tx,
                catalogue,
                session,
                FilledIn(form.answers, form.merchant_kind, form.merchant_id),
                by=Access(principal, CONFIDANTS) if principal else None,
                person_id=principal.person_id if principal and principal.is_person else None,
                key=key,
                now=now(),
            )
            shown = assessment_shown(completed, catalogue, language).model_dump(mode="json")
            headers = {"Location": f"/api/v1/assessments/{completed.id}", "Content-Language": language}
            return Answer(201, shown, headers)

        return _with_secret(await attempt.once(work), key)


def _with_secret(stored: Response, key: UUID) -> Response:
    """The answer as it is stored does not hold the secret, which is made of the key again each time."""
    shown = msgspec.json.decode(bytes(stored.body))
    shown["secret"] = None if shown["merchant_id"] else secret_of(key, UUID(shown["id"]))
    headers = {name: value for name, value in stored.headers.items() if name != "content-length"}
    return Response(msgspec.json.encode(shown), stored.status_code, headers)
