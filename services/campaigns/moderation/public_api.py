"""What everybody may do about a contribution: report it, read what was decided, and appeal once."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from sqlalchemy import select

from chassis.access import MAY_PERSON, PUBLIC
from chassis.database import Transaction
from chassis.http import Db, Listing, Now
from chassis.idempotency import Answer, AnybodysAttempt, Attempt
from chassis.identity import MaybeSignedIn, Principal
from chassis.languages import ReadersLanguage
from chassis.limits import take
from chassis.network import Network
from chassis.openapi import problems
from chassis.pagination import Paging, page
from services.campaigns.contributions.storage import locked
from services.campaigns.contributors import pseudonym_of
from services.campaigns.moderation import appeals, reports
from services.campaigns.moderation.api import refusals
from services.campaigns.moderation.domain import Party
from services.campaigns.moderation.forms import (
    AppealShown,
    AppealWritten,
    DecisionsShown,
    ReportShown,
    ReportWritten,
    appeal_shown,
)
from services.campaigns.moderation.reasons import ReasonShown, grounds, in_words
from services.campaigns.moderation.tables import report as reported_row
from services.campaigns.moderation.told import decisions_shown, reports_shown

router = APIRouter(prefix="/api/v1/contributions", tags=["moderation"])

Secret = Annotated[
    str, Header(alias="Report-Secret", max_length=100, description="Of who reported without an account.")
]

Signed = Annotated[Principal, MAY_PERSON]


@router.get("/reports/grounds", response_model=list[ReasonShown], dependencies=[PUBLIC])
async def read_grounds(language: ReadersLanguage) -> list[dict[str, str]]:
    """For what a contribution may be reported, in words."""
    return in_words(grounds(), language)


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
        (shown,) = await reports_shown(tx, [row], now(), language)
        told = ReportShown(**shown).model_dump(mode="json")
        headers = {"Location": f"{router.prefix}/reports/{row['id']}", "Content-Language": language}
        return Answer(201, told, headers)

    stored = await attempt.once(work)
    return stored if person_id else _with_secret(stored, key)


@router.get("/reports", response_model=Listing[ReportShown])
async def own_reports(
    *,
    principal: Signed,
    contribution: Annotated[UUID | None, Query(description="Of this one alone.")] = None,
    paging: Paging,
    database: Db,
    now: Now,
    language: ReadersLanguage,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """What the signed-in person reported, the newest first, and what came of each."""
    known = reported_row.c
    query = select(reported_row).where(known.contributor_id.in_(pseudonym_of(principal.person_id)))
    if contribution is not None:
        query = query.where(known.contribution_id == contribution)
    if (last := paging.after(UUID)) is not None:
        query = query.where(known.id < last)
    async with database.connection() as connection:
        newest = query.order_by(known.id.desc()).limit(paging.limit + 1)
        rows = (await connection.execute(newest)).mappings().all()
        found = page(request, response, rows, paging.limit, lambda row: row["id"])
        return {**found, "items": await reports_shown(connection, found["items"], now(), language)}


@router.get("/reports/{report_id}", response_model=ReportShown, dependencies=[PUBLIC])
async def read_report(
    report_id: UUID,
    *,
    principal: MaybeSignedIn,
    database: Db,
    now: Now,
    language: ReadersLanguage,
    secret: Secret = "",
) -> dict[str, Any]:
    """What came of one's own report."""
    async with database.connection() as connection:
        row = await reports.find(connection, report_id, _person(principal), secret)
        (shown,) = await reports_shown(connection, [row], now(), language)
    return shown


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
    principal: Signed,
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


@router.get("/{contribution_id}/decisions", response_model=DecisionsShown)
async def read_decisions(
    contribution_id: UUID, principal: Signed, database: Db, now: Now, language: ReadersLanguage
) -> dict[str, Any]:
    """What was decided about one's own contribution, and what came of an appeal."""
    async with database.connection() as connection:
        return await decisions_shown(connection, contribution_id, principal.person_id, now(), language)


def _person(principal: Principal | None) -> UUID | None:
    return principal.person_id if principal is not None and principal.is_person else None


def _with_secret(stored: Response, key: UUID) -> Response:
    """The answer as it is stored does not hold the secret, which is made of the key again each time."""
    shown = msgspec.json.decode(bytes(stored.body))
    shown["secret"] = reports.secret_of(key, UUID(shown["id"]))
    headers = {name: value for name, value in stored.headers.items() if name != "content-length"}
    return Response(msgspec.json.encode(shown), stored.status_code, headers)
