"""Posts that citizens hand in over HTTP: once each, never fetched and never for points."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints
from sqlalchemy import select

from chassis.access import MAY_PERSON, PUBLIC
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, Now, Shown
from chassis.idempotency import Answer, AnybodysAttempt, Attempt
from chassis.identity import MaybeSignedIn, Principal
from chassis.languages import ReadersLanguage
from chassis.limits import take
from chassis.network import Network
from chassis.openapi import problems
from chassis.pagination import Paging, page
from chassis.problems import invalid
from services.campaigns.contributions.domain import Tie
from services.campaigns.contributions.ties import known_tie
from services.campaigns.contributors import known_contributor
from services.campaigns.elsewhere.domain import FoundPost, PostKind, Source
from services.campaigns.elsewhere.posts_api import PostShown, shown
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.handed_in import use_cases
from services.campaigns.handed_in.tables import hand_in
from services.campaigns.moderation.forms import ReportWritten
from services.campaigns.moderation.reasons import ReasonShown, in_words
from services.campaigns.moderation.reports import BY_NETWORK
from services.campaigns.platforms.addresses import LONGEST, address_of, points_somewhere
from services.campaigns.platforms.catalogue import platforms

router = APIRouter(prefix="/api/v1/elsewhere/posts", tags=["elsewhere"])
Signed = Annotated[Principal, MAY_PERSON]


class PostHandedIn(Body):
    """A post of somebody about a shop."""

    merchant_id: UUID
    url: Annotated[str, StringConstraints(max_length=LONGEST)]
    kind: PostKind


class OwnPostShown(PostShown):
    """A post that one handed in oneself."""

    handed_in_at: datetime
    shown: bool
    removed_for: ReasonShown | None
    """Why the city's officers took it down."""


class ReportTaken(Shown):
    """That officers were asked to decide."""

    id: UUID
    post_id: UUID


@router.post("", status_code=201, response_model=PostShown, responses=problems(404, 409, 429))
async def hand_in_post(body: PostHandedIn, principal: Signed, attempt: Attempt, now: Now) -> Response:
    """Hand in a link to a post about a shop. It earns nothing, wherever it lies and whatever it says."""
    post = _found(body, known_tie(principal, body.merchant_id))

    async def work(tx: Transaction) -> Answer:
        post_id = await use_cases.hand_in_post(tx, principal.person_id, body.merchant_id, post, now())
        row = (await tx.execute(select(seen_post).where(seen_post.c.id == post_id))).mappings().one()
        return Answer(201, shown(row))

    return await attempt.once(work)


@router.get("/mine", response_model=Listing[OwnPostShown])
async def mine(
    *,
    principal: Signed,
    paging: Paging,
    database: Db,
    language: ReadersLanguage,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """What the signed-in person handed in and did not take back, the newest first."""
    async with database.connection() as connection:
        contributor = await known_contributor(connection, principal.person_id)
        query = (
            select(seen_post, hand_in.c.handed_in_at, hand_in.c.id.label("hand_in_id"))
            .join(hand_in, hand_in.c.post_id == seen_post.c.id)
            .where(hand_in.c.contributor_id == contributor, hand_in.c.withdrawn_at.is_(None))
        )
        if (last := paging.after(UUID)) is not None:
            query = query.where(hand_in.c.id < last)
        newest = query.order_by(hand_in.c.id.desc()).limit(paging.limit + 1)
        rows = (await connection.execute(newest)).mappings().all()
    found = page(request, response, rows, paging.limit, lambda row: row["hand_in_id"])
    return {**found, "items": [_own(row, language) for row in found["items"]]}


@router.delete("/mine/{post_id}", status_code=204)
async def withdraw(post_id: UUID, principal: Signed, database: Db, now: Now) -> None:
    """Take back what one handed in. It goes from here with the last who had; there it stays as it is."""
    async with database.transaction() as tx:
        await use_cases.withdraw(tx, principal.person_id, post_id, now())


@router.post(
    "/{post_id}/reports",
    status_code=201,
    response_model=ReportTaken,
    dependencies=[PUBLIC],
    responses=problems(404, 409, 429),
)
async def report(
    post_id: UUID,
    body: ReportWritten,
    *,
    principal: MaybeSignedIn,
    attempt: AnybodysAttempt,
    network: Network,
    now: Now,
) -> Response:
    """Say why a post should not be shown here, with an account or without. There, the platform decides."""
    person_id = principal.person_id if principal is not None and principal.is_person else None

    async def work(tx: Transaction) -> Answer:
        await take(tx, [(BY_NETWORK, network)], now())
        said = body.ground, body.text
        report_id = await use_cases.report_post(tx, post_id, said, person_id, now())
        return Answer(201, {"id": report_id, "post_id": post_id})

    return await attempt.once(work)


def _found(body: PostHandedIn, tie: Tie) -> FoundPost:
    """Whoever runs the shop, or works there, is its own source and no citizen."""
    try:
        at = address_of(body.url)
    except ValueError as error:
        raise invalid("url", str(error)) from None
    if not points_somewhere(at):
        raise invalid("url", "is the platform's front page, and no single post")
    known = platforms()[at.platform].posts
    if body.kind not in known:
        raise invalid("kind", f"is none of what is posted there: {', '.join(known) or 'nothing'}")
    return FoundPost(at.platform, at.url, body.kind, Source.CITIZEN if tie is Tie.NONE else Source.MERCHANT)


def _own(row: Any, language: str) -> dict[str, Any]:
    removed = row["removed_for"]
    return {
        **shown(row),
        "handed_in_at": row["handed_in_at"],
        "shown": row["shown"],
        "removed_for": in_words([removed], language)[0] if removed is not None else None,
    }
