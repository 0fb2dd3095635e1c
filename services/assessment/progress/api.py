"""What a shop did and what moved since, and the same over many shops."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import text

from chassis.access import Access
from chassis.database import Database
from chassis.http import Body, Db, Listing, Now, Token
from chassis.languages import ReadersLanguage
from chassis.openapi import problems
from chassis.problems import conflict, not_found
from services.assessment.assessments.api import Confidant
from services.assessment.assessments.shown import comparison_shown
from services.assessment.assessments.submission import Assessment, found
from services.assessment.progress import declaring
from services.assessment.progress.domain import Kind
from services.assessment.progress.many import added_up
from services.assessment.progress.shown import (
    ProgressInWords,
    ShownDone,
    ShownProgress,
    ShownProgressOfMany,
)
from services.assessment.questionnaires.domain.comparison import NotComparable, Taken, compare
from services.assessment.reports.asked import MOST_CITIES, MayReport
from services.assessment.reports.domain.units import BRUSSELS

TAGS = ["assessments"]


class Declaration(Body):
    done_on: date


def router(texts: ProgressInWords) -> APIRouter:
    """The routes, over these published questionnaires and this catalogue."""
    routes = APIRouter(prefix="/api/v1")
    _add_declaring(routes, texts)
    _add_progress(routes, texts)
    return routes


def _add_declaring(routes: APIRouter, texts: ProgressInWords) -> None:
    path = "/assessments/{assessment_id}/done"

    @routes.get(path, responses=problems(404), tags=[*TAGS])
    async def list_done(
        assessment_id: UUID, who: Confidant, database: Db, language: ReadersLanguage
    ) -> Listing[ShownDone]:
        """What was declared done since an assessment (its owner or staff, or a consultant)."""
        await _of_ours(database, assessment_id, who)
        async with database.scoped(who.cities) as connection:
            known = await declaring.declared(connection, assessment_id)
        return Listing(items=[texts.done(kind, key, day, language) for kind, key, day in known])

    @routes.put(f"{path}/{{kind}}/{{key}}", responses=problems(404), tags=[*TAGS])
    async def declare_done(
        *,
        assessment_id: UUID,
        kind: Kind,
        key: Token,
        declaration: Declaration,
        who: Confidant,
        database: Db,
        clock: Now,
        language: ReadersLanguage,
    ) -> ShownDone:
        """Say that a recommended action, a training or a tool was done, on which day; again to change it."""
        of = await _of_ours(database, assessment_id, who)
        async with database.transaction() as tx:
            await declaring.declare(
                tx, texts.catalogue, of, kind=kind, key=key, done_on=declaration.done_on, now=clock()
            )
        return texts.done(kind, key, declaration.done_on, language)

    @routes.delete(
        f"{path}/{{kind}}/{{key}}",
        status_code=204,
        response_class=Response,
        responses=problems(404),
        tags=[*TAGS],
    )
    async def take_back(
        assessment_id: UUID, kind: Kind, key: Token, who: Confidant, database: Db
    ) -> Response:
        """Say that it was not done after all."""
        of = await _of_ours(database, assessment_id, who)
        async with database.transaction() as tx:
            await declaring.take_back(tx, of, kind, key)
        return Response(status_code=204)


async def _of_ours(database: Database, assessment_id: UUID, who: Access) -> Assessment:
    async with database.scoped(who.cities) as connection:
        of = await found(connection, assessment_id)
    who.within(city_id=of.city_id, merchant_id=of.merchant_id)
    return of


def _add_progress(routes: APIRouter, texts: ProgressInWords) -> None:
    @routes.get("/assessments/{assessment_id}/progress", responses=problems(404, 409), tags=[*TAGS])
    async def show_progress(
        *,
        assessment_id: UUID,
        who: Confidant,
        database: Db,
        language: ReadersLanguage,
        since: Annotated[UUID | None, Query(description="The one before it, without this.")] = None,
    ) -> ShownProgress:
        """What moved since an earlier assessment of the shop, and what was declared done in between."""
        after = await _of_ours(database, assessment_id, who)
        async with database.scoped(who.cities) as connection:
            earlier = since or await connection.scalar(_BEFORE, {"id": after.id})
            if earlier is None:
                raise not_found("earlier assessment of this shop")
            before = await found(connection, earlier)
            known = await declaring.declared(connection, before.id)
        if before.merchant_id is None or before.merchant_id != after.merchant_id:
            raise not_found("assessment")
        old, new = (
            Taken(
                texts.questionnaires.published(each.questionnaire, each.questionnaire_version), each.answers
            )
            for each in (before, after)
        )
        try:
            moved = compare(old, new, texts.questionnaires.mapping(old.questionnaire, new.questionnaire))
        except NotComparable as why:
            raise conflict("not-comparable", str(why)) from why
        until = after.completed_at.astimezone(BRUSSELS).date()
        return ShownProgress(
            comparison=comparison_shown(before, after, moved, language),
            done=[texts.done(kind, key, day, language) for kind, key, day in known if day <= until],
        )

    @routes.get("/progress", tags=["reports"])
    async def show_progress_of_many(
        city: Annotated[list[UUID], Query(min_length=1, max_length=MOST_CITIES)],
        who: MayReport,
        database: Db,
        language: ReadersLanguage,
    ) -> ShownProgressOfMany:
        """Which trainings, tools and actions went with which change (consultants and officers of all cities).

        No group is of fewer than five shops, and no two differ by fewer. It says nothing about causes.
        """
        cities = tuple(dict.fromkeys(city))
        for each in cities:
            who.within(city_id=each)
        async with database.connection() as connection:
            sums = await added_up(connection, cities)
        return texts.of_many(cities, sums, language)


_BEFORE = text("""
    SELECT b.id FROM assessments a JOIN assessments b USING (merchant_id)
     WHERE a.id = :id AND b.id <> a.id AND (b.completed_at, b.id) < (a.completed_at, a.id)
       AND NOT EXISTS (SELECT FROM assessments c WHERE c.corrects = b.id)
     ORDER BY b.completed_at DESC, b.id DESC LIMIT 1
""")
