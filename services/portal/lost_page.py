"""What is at no address: said as a page to people, and as a problem document to programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response

from chassis.access import PUBLIC
from chassis.problems import not_found
from services.portal.forms import OF_THIS_SITE
from services.portal.reader import Reader
from services.portal.rendering import Renderer


def router(renderer: Renderer) -> APIRouter:
    """Looked at last: it has every path."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def lose_the_way(reader: Reader, accept: Annotated[str, Header()] = "") -> Response:
        """404."""
        if "text/html" not in accept:
            raise not_found("page")
        return renderer.not_there(reader)

    @routes.post("/{path:path}", dependencies=[OF_THIS_SITE])
    async def lose_a_form() -> Response:
        """404, too: nothing is there that takes a form."""
        raise not_found("page")

    return routes
