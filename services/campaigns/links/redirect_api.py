"""Follows a short link: the address that is printed and passed on, outside of the API."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from chassis.access import PUBLIC
from chassis.openapi import problems
from chassis.problems import not_found
from services.campaigns.links.destinations import Destinations
from services.campaigns.links.domain import PATH, code_of
from services.campaigns.visits.counter import VisitCounter
from services.campaigns.visits.visitors import visitor_of

_HEADERS = {
    "Cache-Control": "no-store",  # whoever comes again by it comes by us, and is seen
    "Referrer-Policy": "no-referrer",  # where it was passed on is nobody's business
    "X-Robots-Tag": "noindex",
}


class DirectRoute(APIRoute):
    """Calls its handler with the request as it comes: a third of a redirect's time went into asking what it
    depends on, which is nothing. What it declares is in the document, and checked, all the same."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


def router(destinations: Destinations, counter: VisitCounter) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["share-links"], route_class=DirectRoute)

    @routes.get(
        PATH + "{code}",
        status_code=302,
        response_class=Response,
        dependencies=[PUBLIC],
        responses=problems(404),
    )
    @routes.head(PATH + "{code}", status_code=302, dependencies=[PUBLIC], include_in_schema=False)
    async def follow(request: Request) -> Response:
        """To the page a short link leads to; 404 for one that was never made, or was withdrawn."""
        wanted = code_of(request.path_params["code"])
        found = await destinations.get(wanted) if wanted else None
        if found is None:
            raise not_found("share link")
        if visitor := visitor_of(request):
            counter.count(found.subject, visitor)
        return Response(status_code=302, headers={"Location": found.address, **_HEADERS})

    return routes
