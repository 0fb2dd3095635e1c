"""The pictures of a case over HTTP: who decides has to see what nobody else is shown."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.http import Db
from chassis.openapi import problems
from chassis.problems import not_found
from services.campaigns.files.addresses import CASES
from services.campaigns.files.api import INERT, WEBP
from services.campaigns.files.keeping import key_of
from services.campaigns.files.store import Files
from services.campaigns.moderation.deciders import Officer, must_decide
from services.campaigns.moderation.tables import moderation_case
from services.campaigns.photos.tables import photo, picture


def router(files: Files) -> APIRouter:
    """The route, which reads from `files`."""
    routes = APIRouter(prefix=CASES, tags=["moderation"])

    @routes.get(
        "/{case_id}/pictures/{file_id}/{size}.webp",
        response_class=Response,
        responses={200: {"content": {WEBP: {}}}, **problems(404)},
    )
    async def read_picture_of_case(
        case_id: UUID, file_id: UUID, size: Literal["large", "small"], who: Officer, database: Db
    ) -> Response:
        """A picture of what the case is about, or that goes with it: held, reported or removed."""
        async with database.connection() as connection:
            await _must_be_of(connection, case_id, file_id, who)
        try:
            content = await files.get(key_of(file_id, size))
        except FileNotFoundError:  # swept between the two
            raise not_found("file") from None
        return Response(content, headers={**INERT, "Cache-Control": "private, no-store"}, media_type=WEBP)

    return routes


async def _must_be_of(connection: AsyncConnection, case_id: UUID, file_id: UUID, who: Officer) -> None:
    """Raises the problems 404, and 403 for who does not decide it."""
    case = moderation_case.c
    found = (await connection.execute(select(case.city_id, case.appeal_of).where(case.id == case_id))).first()
    if found is None:
        raise not_found("case")
    await must_decide(connection, who, found.city_id, is_appeal=found.appeal_of is not None)
    of_case = (
        select(picture.c.id)
        .join(photo, photo.c.contribution_id == picture.c.contribution_id)
        .join(
            moderation_case,
            or_(case.contribution_id == photo.c.contribution_id, case.contribution_id == photo.c.review_id),
        )
        .where(case.id == case_id, picture.c.id == file_id)
    )
    if await connection.scalar(of_case) is None:
        raise not_found("file")
