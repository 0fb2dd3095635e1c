"""Answers to reviews over HTTP: written by who runs the shop or works there, read by everybody."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from chassis.access import PUBLIC, Access, may
from chassis.database import Transaction
from chassis.http import Body, Db, LongText, Now
from chassis.idempotency import Answer as Reply
from chassis.idempotency import Attempt
from chassis.identity import Role
from chassis.ids import new_id
from chassis.openapi import problems
from chassis.preconditions import IfMatch, etag
from chassis.problems import not_found
from services.campaigns.answers import storage
from services.campaigns.answers.storage import Answer
from services.campaigns.contributions import storage as contributions
from services.campaigns.contributions.domain import Contribution, Kind
from services.campaigns.contributions.forms import AnswerShown, shown_answer
from services.campaigns.contributions.tables import contribution, is_public
from services.campaigns.places.storage import is_closed

router = APIRouter(prefix="/api/v1/contributions/{contribution_id}/answer", tags=["answers"])
Shop = Annotated[Access, may(Role.merchant, Role.merchant_staff)]


class AnswerWritten(Body):
    """What the shop says."""

    text: Annotated[LongText, StringConstraints(min_length=1)]


@router.post("", status_code=201, response_model=AnswerShown, responses=problems(409))
async def answer_review(
    contribution_id: UUID, body: AnswerWritten, who: Shop, attempt: Attempt, now: Now
) -> Response:
    """Answer a review of one's shop in public, once."""

    async def work(tx: Transaction) -> Reply:
        review = await _public_review(tx, contribution_id)
        who.within(city_id=review.city_id, merchant_id=review.merchant_id)
        added = await storage.add(tx, new_id(), review, body.text, person_id=who.person_id, now=now())
        location = f"/api/v1/contributions/{contribution_id}/answer"
        return Reply(201, shown_answer(added), {"Location": location, "ETag": etag(added.version)})

    return await attempt.once(work)


@router.get("", response_model=AnswerShown, dependencies=[PUBLIC])
async def read_answer(contribution_id: UUID, database: Db, response: Response) -> dict[str, Any]:
    """The shop's answer to a review that is public."""
    async with database.connection() as connection:
        review = await _public_review(connection, contribution_id, to_answer=False)
        found = (await storage.answers_to(connection, [review.id])).get(review.id)
    if found is None:
        raise not_found("answer")
    return _with_etag(found, response)


@router.patch("", response_model=AnswerShown, responses=problems(412, 428))
async def edit_answer(
    *,
    contribution_id: UUID,
    body: AnswerWritten,
    expected: IfMatch,
    who: Shop,
    database: Db,
    now: Now,
    response: Response,
) -> dict[str, Any]:
    """Change the shop's answer."""
    async with database.transaction() as tx:
        found = await storage.locked(tx, contribution_id)
        who.within(city_id=found.city_id, merchant_id=found.merchant_id)
        expected.check(found.version)
        edited = await storage.edit(tx, found, body.text, who.person_id, now())
    return _with_etag(edited, response)


@router.delete("", status_code=204)
async def remove_answer(contribution_id: UUID, who: Shop, database: Db, now: Now) -> None:
    """Take the shop's answer back, once; another may be written."""
    async with database.transaction() as tx:
        found = await storage.locked(tx, contribution_id, or_removed=True)
        who.within(city_id=found.city_id, merchant_id=found.merchant_id)
        await storage.remove(tx, storage.to_reviews([contribution_id]), now())


async def _public_review(tx: Transaction, contribution_id: UUID, *, to_answer: bool = True) -> Contribution:
    """Raises 404. One that is answered stays until the answer is committed."""
    query = contributions.all_with_details().where(
        contribution.c.id == contribution_id,
        contribution.c.kind == Kind.REVIEW.value,
        is_public,
        ~is_closed(contribution.c.merchant_id),
    )
    if to_answer:
        query = query.with_for_update(read=True, of=contribution)
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        raise not_found("review")
    return contributions.of_row(row)


def _with_etag(found: Answer, response: Response) -> dict[str, Any]:
    response.headers["ETag"] = etag(found.version)
    return shown_answer(found)
