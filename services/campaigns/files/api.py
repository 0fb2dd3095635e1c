"""Files over HTTP: pictures that something shows, and nothing else."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.access import PUBLIC
from chassis.http import Db
from chassis.openapi import problems
from chassis.problems import not_found
from services.campaigns.contributions.tables import contribution
from services.campaigns.files.addresses import PREFIX
from services.campaigns.files.keeping import key_of
from services.campaigns.files.store import Files
from services.campaigns.photos.storage import is_shown
from services.campaigns.photos.tables import photo, picture
from services.campaigns.places.storage import is_closed

CACHED_SECONDS = 3600
"""A picture never changes, but its author may take it back: then it is gone everywhere within the hour."""
WEBP = "image/webp"
INERT = {
    "X-Content-Type-Options": "nosniff",
    # Even if a browser took it for a page, it could do nothing and would be of no site.
    "Content-Security-Policy": "default-src 'none'; sandbox",
}
_HEADERS = {
    **INERT,
    "Cache-Control": f"public, max-age={CACHED_SECONDS}, immutable",
    "Cross-Origin-Resource-Policy": "cross-origin",  # shops show what they may reuse on their own pages
}


def router(files: Files) -> APIRouter:
    """The route, which reads from `files`."""
    routes = APIRouter(prefix=PREFIX, tags=["files"])

    @routes.get(
        "/{file_id}/{size}.webp",
        response_class=Response,
        responses={200: {"content": {WEBP: {}}}, 304: {"description": "Not changed"}, **problems(404)},
        dependencies=[PUBLIC],
    )
    async def read_picture(
        file_id: UUID,
        size: Literal["large", "small"],
        database: Db,
        if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
    ) -> Response:
        """A picture, for as long as what shows it is public and its merchant is listed."""
        async with database.connection() as connection:
            if not await _is_shown(connection, file_id):
                raise not_found("file")
        tag = f'"{file_id.hex}-{size}"'
        headers = {
            **_HEADERS,
            "ETag": tag,
            "Content-Disposition": f'inline; filename="{file_id}-{size}.webp"',
        }
        if if_none_match is not None and tag in if_none_match:
            return Response(status_code=304, headers=headers)
        try:
            content = await files.get(key_of(file_id, size))
        except FileNotFoundError:  # swept between the two
            raise not_found("file") from None
        return Response(content, headers=headers, media_type=WEBP)

    return routes


async def _is_shown(connection: AsyncConnection, file_id: UUID) -> bool:
    shown = (
        select(picture.c.id)
        .join(contribution, contribution.c.id == picture.c.contribution_id)
        .join(photo, photo.c.contribution_id == contribution.c.id)
        .where(picture.c.id == file_id, is_shown, ~is_closed(contribution.c.merchant_id))
    )
    return await connection.scalar(shown) is not None
