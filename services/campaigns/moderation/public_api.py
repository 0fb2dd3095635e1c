"""What everybody may do about a contribution: report it, read what was decided, and appeal once."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Header, Request, Response

from chassis.access import MAY_PERSON, PUBLIC
from chassis.database import Transaction
from chassis.http import Db, Now
from chassis.idempotency import Answer, AnybodysAttempt, Attempt
from chassis.identity import MaybeSignedIn, Principal
from chassis.languages import ReadersLanguage
from chassis.limits import take
from chassis.network import Network
from chassis.openapi import problems
from services.campaigns.contributions.storage import locked
from services.campaigns.moderation import appeals, reports, storage
from services.campaigns.moderation.api import refusals
from services.campaigns.moderation.domain import Party
from services.campaigns.moderation.forms import (
    AppealShown,
    AppealWritten,
    ReportShown,
    ReportWritten,
    appeal_shown,
    report_shown,
)

router = APIRouter(prefix="/api/v1/contributions", tags=["moderation"])

Secret = Annotated[
    str, Header(alias="Report-Secret", max_length=100, description="Of who reported without an account.")
]


@router.post(
    "/{contribution_id}/reports",
    status_code=201,
    response_model=ReportShown,
    dependencies=[PUBLIC],
    responses=problems(409, 429),
)
async def report(
    contribution_id: UUID,
    body: ReportWritten,
    *,
    principal: MaybeSignedIn,
    attempt: AnybodysAttempt,
    network: Network,
    now: Now,
    language: ReadersLanguage,
    request: Request,
) -> Response:
    """Say why a contribution should not be there, with an account or without; the answer confirms it."""
    key = UUID(request.headers["idempotency-key"])
    person_id = principal.person_id if principal is not None and principal.is_person else None

    async def work(tx: Transaction) -> Answer:
        await take(tx, [(reports.BY_NETWORK, network)], now())
        reported = reports.Reported(
            contribution_id=contribution_id, ground=body.ground, text=body.text, person_id=person_id, key=key
        )
        row = await reports.add(tx, reported, now())
        told = ReportShown(**await _told(tx, row, language)).model_dump(mode="json")
        headers = {"Location": f"{router.prefix}/reports/{row['id']}", "Content-Language": language}
        return Answer(201, told, headers)

    stored = await attempt.once(work)
    return stored if person_id else _with_secret(stored, key)


@router.get("/reports/{report_id}", response_model=ReportShown, dependencies=[PUBLIC])
async def read_report(
    report_id: UUID,
    *,
    principal: MaybeSignedIn,
    database: Db,
    language: ReadersLanguage,
    secret: Secret = "",
) -> dict[str, Any]:
    """What came of one's own report."""
    async with database.connection() as connection:
        row = await reports.find(connection, report_id, _person(principal), secret)
        return await _told(connection, row, language)


@router.post(
    "/reports/{report_id}/appeal",
    status_code=201,
    response_model=AppealShown,
    dependencies=[PUBLIC],
    responses=problems(409),
)
async def appeal_as_reporter(
    report_id: UUID,
    body: AppealWritten,
    *,
    principal: MaybeSignedIn,
    attempt: AnybodysAttempt,
    now: Now,
    secret: Secret = "",
) -> Response:
    """Ask once for a second decision about what one reported and what stayed."""

    async def work(tx: Transaction) -> Answer:
        row = await reports.find(tx, report_id, _person(principal), secret)
        about = await locked(tx, row["contribution_id"])
        with refusals():
            made = await appeals.appeal(tx, about, Party.REPORTER, body.text, now())
        return Answer(201, appeal_shown(made))

    return await attempt.once(work)


@router.post(
    "/{contribution_id}/appeal", status_code=201, response_model=AppealShown, responses=problems(409)
)
async def appeal_as_author(
    contribution_id: UUID,
    body: AppealWritten,
    *,
    principal: Annotated[Principal, MAY_PERSON],
    attempt: Attempt,
    now: Now,
) -> Response:
    """Ask once for a second decision about one's own contribution that was removed."""

    async def work(tx: Transaction) -> Answer:
        about = await locked(tx, contribution_id)
        await appeals.check_author(tx, about, principal.person_id)
        with refusals():
            made = await appeals.appeal(tx, about, Party.AUTHOR, body.text, now())
        return Answer(201, appeal_shown(made))

    return await attempt.once(work)


def _person(principal: Principal | None) -> UUID | None:
    return principal.person_id if principal is not None and principal.is_person else None


def _with_secret(stored: Response, key: UUID) -> Response:
    """The answer as it is stored does not hold the secret, which is made of the key again each time."""
    shown = msgspec.json.decode(bytes(stored.body))
    shown["secret"] = reports.secret_of(key, UUID(shown["id"]))
    headers = {name: value for name, value in stored.headers.items() if name != "content-length"}
    return Response(msgspec.json.encode(shown), stored.status_code, headers)


async def _told(connection: Transaction, row: Any, language: str) -> dict[str, Any]:
    case, decision = await storage.case_and_decision(connection, row["case_id"])
    return report_shown(row, case, decision, language)
