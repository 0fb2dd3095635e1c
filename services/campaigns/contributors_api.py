"""Which person is behind a pseudonym: for the one service that tells people what became of what they did."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import select

from chassis.access import may_service
from chassis.http import Body, Db, Shown
from services.campaigns.contributors import contributor

router = APIRouter(prefix="/api/v1/contributors", tags=["contributors"])
MOST = 500


class AskPeople(Body):
    """Pseudonyms, as events carry them."""

    contributor_ids: Annotated[list[UUID], Field(max_length=MOST)]


class PersonBehind(Shown):
    """One of them, and whose it is."""

    contributor_id: UUID
    person_id: UUID


class PeopleBehind(Shown):
    """Those of the pseudonyms that are still somebody's; who was erased is left out."""

    items: list[PersonBehind]


@router.post("/people", response_model=PeopleBehind, dependencies=[may_service("notifications")])
async def list_people(asked: AskPeople, db: Db) -> PeopleBehind:
    """Whose pseudonyms these are. The link is nowhere else, and ends with an erasure."""
    found = select(contributor.c.contributor_id, contributor.c.person_id).where(
        contributor.c.contributor_id.in_(asked.contributor_ids)
    )
    async with db.connection() as connection:
        rows = (await connection.execute(found.order_by(contributor.c.contributor_id))).mappings()
        return PeopleBehind(items=[PersonBehind(**each) for each in rows])
