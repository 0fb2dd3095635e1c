"""What officers decide about posts elsewhere that somebody reported: shown here, or not."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import model_validator
from sqlalchemy import select, tuple_

from chassis.access import Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, Listing, LongText, Now, Shown
from chassis.identity import Role
from chassis.languages import ReadersLanguage
from chassis.pagination import Paging, page
from chassis.problems import not_found
from services.campaigns.elsewhere.posts_api import PostShown, shown
from services.campaigns.elsewhere.record import locked_post
from services.campaigns.elsewhere.tables import seen_post
from services.campaigns.handed_in import use_cases
from services.campaigns.handed_in.tables import post_report
from services.campaigns.moderation.domain import OTHER
from services.campaigns.moderation.forms import Ground
from services.campaigns.moderation.reasons import ReasonShown, in_words

router = APIRouter(prefix="/api/v1/elsewhere", tags=["elsewhere"])
Officer = Annotated[Access, may(Role.city_officer)]


class ReportedShown(Shown):
    """A report that waits for a decision, and what it is about."""

    id: UUID
    at: datetime
    ground: ReasonShown
    text: str | None
    post: PostShown


class TakenDown(Body):
    """Why a post is shown here no more."""

    ground: Ground
    statement: LongText = ""

    @model_validator(mode="after")
    def _other_is_explained(self) -> TakenDown:
        if self.ground == OTHER and not self.statement:
            raise ValueError("statement: explain the reason, where no ground fits")
        return self


@router.get("/reports", response_model=Listing[ReportedShown])
async def waiting(
    *,
    city: Annotated[UUID, Query(description="Of this city.")],
    who: Officer,
    paging: Paging,
    database: Db,
    language: ReadersLanguage,
    request: Request,
    response: Response,
) -> dict[str, Any]:
    """Reports of posts elsewhere that wait for a decision, the oldest first."""
    who.within(city_id=city)
    report = post_report.c
    query = (
        select(seen_post, *(report[name].label(f"report_{name}") for name in ("id", "at", "ground", "text")))
        .join(post_report, report.post_id == seen_post.c.id)
        .where(report.city_id == city, report.decided_at.is_(None))
    )
    if (after := paging.after(tuple[datetime, UUID])) is not None:
        query = query.where(tuple_(report.at, report.id) > after)
    async with database.scoped(who.cities) as connection:
        found = query.order_by(report.at, report.id).limit(paging.limit + 1)
        rows = (await connection.execute(found)).mappings().all()
    listed = page(request, response, rows, paging.limit, lambda row: (row["report_at"], row["report_id"]))
    return {**listed, "items": [_reported(row, language) for row in listed["items"]]}


@router.put("/posts/{post_id}/removal", status_code=204)
async def take_down(post_id: UUID, body: TakenDown, who: Officer, database: Db, now: Now) -> None:
    """Show a post here no more, whoever finds it again; whoever handed it in reads on which ground."""
    async with database.transaction() as tx:
        post = await _post(tx, who, post_id)
        await use_cases.take_down(tx, post, body.ground, body.statement, by=who.person_id, now=now())


@router.delete("/posts/{post_id}/removal", status_code=204)
async def let_stay(post_id: UUID, who: Officer, database: Db, now: Now) -> None:
    """Let a reported post stay, or show one again that was taken down."""
    async with database.transaction() as tx:
        post = await _post(tx, who, post_id)
        await use_cases.let_stay(tx, post, by=who.person_id, now=now())


async def _post(tx: Transaction, who: Access, post_id: UUID) -> dict[str, Any]:
    post = await locked_post(tx, seen_post.c.id == post_id)
    if post is None:
        raise not_found("post")
    who.within(city_id=post["city_id"])
    return post


def _reported(row: Any, language: str) -> dict[str, Any]:
    return {
        "id": row["report_id"],
        "at": row["report_at"],
        "ground": in_words([row["report_ground"]], language)[0],
        "text": row["report_text"],
        "post": shown(row),
    }
