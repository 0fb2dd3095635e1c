"""Editing a review over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from chassis.access import MAY_PERSON
from chassis.http import UNSET, Body, Db, Now, Shown
from chassis.identity import Principal
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.preconditions import IfMatch, etag
from services.campaigns.contributions.beside import read_beside
from services.campaigns.contributions.domain import Review
from services.campaigns.contributions.forms import ContributionShown, Language, Rating, ReviewText, shown
from services.campaigns.contributions.language import language_of
from services.campaigns.edits import use_cases

router = APIRouter(prefix="/api/v1/contributions", tags=["contributions"])
Signed = Annotated[Principal, MAY_PERSON]


class ReviewEdited(Body):
    """What changes; what is left out stays. The language goes with the text."""

    rating: Rating = UNSET
    text: ReviewText = UNSET
    language: Language | None = Field(None, description="Told from the text where it is left out.")


class VersionShown(Shown):
    """What a review said from some time on."""

    version: int
    rating: int
    text: str
    language: str | None
    written_at: datetime


class VersionsShown(Shown):
    items: list[VersionShown]


@router.patch("/{contribution_id}", response_model=ContributionShown, responses=problems(409, 412, 428))
async def edit_review(
    *,
    contribution_id: UUID,
    body: ReviewEdited,
    expected: IfMatch,
    principal: Signed,
    database: Db,
    now: Now,
    response: Response,
    reader: ReadersLanguage,
) -> dict[str, Any]:
    """Change one's review. Readers see that and when it was edited; it never counts again."""
    told = body.language or (await language_of(body.text) if "text" in body.model_fields_set else None)
    async with database.transaction() as tx:
        found, before = await use_cases.own_review(tx, principal.person_id, contribution_id)
        expected.check(before.version)
        after = Review(
            body.rating if "rating" in body.model_fields_set else before.rating,
            body.text if "text" in body.model_fields_set else before.text,
            told if body.model_fields_set & {"text", "language"} else before.language,
            before.tie,
        )
        edited = await use_cases.edit(tx, found, before, after, person_id=principal.person_id, now=now())
        beside = await read_beside(tx, [edited])
    assert isinstance(edited.details, Review)
    response.headers["ETag"] = etag(edited.details.version)
    return shown(edited, beside, reader)


@router.get("/{contribution_id}/versions", response_model=VersionsShown, responses=problems(409))
async def read_versions(contribution_id: UUID, principal: Signed, database: Db) -> VersionsShown:
    """What one's own review said before, the first version first."""
    async with database.transaction() as tx:
        found, review = await use_cases.own_review(tx, principal.person_id, contribution_id)
        kept = await use_cases.versions(tx, contribution_id)
    if not kept:
        only = {**vars(review), "written_at": found.posted_at}
        return VersionsShown(items=[VersionShown(**{name: only[name] for name in VersionShown.model_fields})])
    return VersionsShown(
        items=[VersionShown(**{name: row[name] for name in VersionShown.model_fields}) for row in kept]
    )
