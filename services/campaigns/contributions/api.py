"""Contributions over HTTP: any signed-in person makes them, everybody reads reviews, photos and videos."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import ColumnElement, select

from chassis.access import MAY_PERSON, PUBLIC
from chassis.clock import Clock
from chassis.database import Database, Transaction
from chassis.http import Db, Listing, Now
from chassis.idempotency import Answer, Attempt, Work
from chassis.identity import MaybeSignedIn, Principal
from chassis.languages import ReadersLanguage
from chassis.pagination import PageRequest, Paging, page
from chassis.preconditions import etag
from chassis.problems import forbidden, not_found
from services.campaigns.contributions import storage
from services.campaigns.contributions.beside import Beside, read_beside
from services.campaigns.contributions.disclosures import disclosures_of
from services.campaigns.contributions.domain import Details, Kind, Review, Share, Tie
from services.campaigns.contributions.forms import ContributionShown, ReviewWritten, ShareMade, shown
from services.campaigns.contributions.language import LANGUAGES, recognised
from services.campaigns.contributions.standing import reasons_of
from services.campaigns.contributions.tables import contribution, is_public
from services.campaigns.contributions.ties import known_tie
from services.campaigns.contributions.use_cases.post import post
from services.campaigns.contributions.use_cases.withdraw import withdraw
from services.campaigns.contributors import contributor
from services.campaigns.places.storage import is_closed
from services.campaigns.screening.origin import SeenFrom
from services.campaigns.screening.screen import UNSEEN, Seen

router = APIRouter(prefix="/api/v1/contributions", tags=["contributions"])

Signed = Annotated[Principal, MAY_PERSON]


@router.post("/reviews", status_code=201, response_model=ContributionShown)
async def post_review(
    body: ReviewWritten,
    *,
    principal: Signed,
    attempt: Attempt,
    now: Now,
    reader: ReadersLanguage,
    origin: SeenFrom,
) -> Response:
    """Review a merchant. The answer says which campaign it counts for, or why none.

    One that a rule of the screening asks to look at is held, with the reasons, until an officer decides.

    Who runs the shop or works there need not declare it: their review is labelled, and not counted.
    """
    spoken = await recognised(body.text)
    language = body.language or (spoken if spoken in LANGUAGES else None)
    tie = known_tie(principal, body.merchant_id) if body.tie is Tie.NONE else body.tie
    review = Review(body.rating, body.text, language, tie)
    seen = Seen(spoken, origin)
    made = posting(principal.person_id, body.merchant_id, review, now, reader, seen=seen)
    return await attempt.once(made)


@router.post("/shares", status_code=201, response_model=ContributionShown)
async def post_share(
    body: ShareMade, principal: Signed, attempt: Attempt, now: Now, reader: ReadersLanguage
) -> Response:
    """Say that the merchant was shared over a channel; once per channel and day, and not by its owner."""
    if known_tie(principal, body.merchant_id) is not Tie.NONE:
        raise forbidden("This is your shop: only what others share of it counts.")
    shared = Share(body.channel)
    return await attempt.once(posting(principal.person_id, body.merchant_id, shared, now, reader))


@router.get("", response_model=Listing[ContributionShown], dependencies=[PUBLIC])
async def of_merchant(
    *,
    merchant: Annotated[UUID, Query(description="What was contributed to this merchant.")],
    kind: Annotated[
        Literal[Kind.REVIEW, Kind.PHOTO, Kind.VIDEO], Query(description="Of this kind.")
    ] = Kind.REVIEW,
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
    reader: ReadersLanguage,
) -> dict[str, Any]:
    """What is published of a merchant: reviews, photos or videos, newest first; none of one that closed."""
    wanted = (
        (contribution.c.merchant_id == merchant)
        & ~is_closed(merchant)
        & (contribution.c.kind == kind.value)
        & is_public
    )
    return await _newest(
        wanted, paging=paging, database=database, request=request, response=response, language=reader
    )


@router.get("/mine", response_model=Listing[ContributionShown])
async def mine(
    *,
    principal: Signed,
    paging: Paging,
    database: Db,
    request: Request,
    response: Response,
    reader: ReadersLanguage,
) -> dict[str, Any]:
    """Everything the signed-in person contributed, newest first: also what is withdrawn, held or removed."""
    wanted = _own(principal.person_id)
    return await _newest(
        wanted, paging=paging, database=database, request=request, response=response, language=reader
    )


@router.get("/{contribution_id}", response_model=ContributionShown, dependencies=[PUBLIC])
async def read(
    contribution_id: UUID,
    principal: MaybeSignedIn,
    database: Db,
    reader: ReadersLanguage,
    response: Response,
) -> dict[str, Any]:
    """One contribution, until it is withdrawn or its merchant closed; for its author also one not public."""
    may_read = is_public
    if principal is not None and principal.is_person:
        may_read |= contribution.c.withdrawn_at.is_(None) & _own(principal.person_id)
    query = storage.all_with_details().where(
        contribution.c.id == contribution_id, may_read, ~is_closed(contribution.c.merchant_id)
    )
    async with database.connection() as connection:
        row = (await connection.execute(query)).mappings().first()
        if row is None:
            raise not_found("contribution")
        found = storage.of_row(row)
        if isinstance(found.details, Review):
            response.headers["ETag"] = etag(found.details.version)
        return shown(found, await read_beside(connection, [found]), reader)


@router.delete("/{contribution_id}", status_code=204)
async def take_back(contribution_id: UUID, principal: Signed, database: Db, now: Now) -> None:
    """Withdraw one's own contribution; whatever it counted for is reversed."""
    async with database.transaction() as tx:
        await withdraw(tx, principal.person_id, contribution_id, now())


def posting(
    person_id: UUID, merchant_id: UUID, details: Details, now: Clock, language: str, *, seen: Seen = UNSEEN
) -> Work:
    async def work(tx: Transaction) -> Answer:
        posted = await post(tx, person_id, merchant_id, details, now(), seen=seen)
        beside = Beside(await disclosures_of(tx, [posted]), reasons=await reasons_of(tx, [posted]))
        told = shown(posted, beside, language)
        headers = {"Location": f"{router.prefix}/{posted.id}", "Content-Language": language}
        return Answer(201, told, headers)

    return work


def _own(person_id: UUID) -> ColumnElement[bool]:
    author = select(contributor.c.contributor_id).where(contributor.c.person_id == person_id)
    return contribution.c.contributor_id == author.scalar_subquery()


async def _newest(
    wanted: ColumnElement[bool],
    *,
    paging: PageRequest,
    database: Database,
    request: Request,
    response: Response,
    language: str,
) -> dict[str, Any]:
    if (last := paging.after(UUID)) is not None:
        wanted &= contribution.c.id < last
    query = storage.all_with_details().where(wanted).order_by(contribution.c.id.desc())
    async with database.connection() as connection:
        rows = (await connection.execute(query.limit(paging.limit + 1))).mappings().all()
        contributions = [storage.of_row(row) for row in rows]
        beside = await read_beside(connection, contributions)
    found = [shown(each, beside, language) for each in contributions]
    return page(request, response, found, paging.limit, lambda each: each["id"])
