"""Who comes to a session: registered by the consultant, too, and noted at the door as they come in."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.shops import Shop
from services.portal.staff.entrance import page
from services.portal.staff.town_sessions import (
    SESSIONS,
    Registration,
    Registrations,
    TownSession,
    read_shops,
)
from services.portal.towns import Result
from services.portal.visitors import Door, Visitor, problem_of, see_other

_MOST_FOUND = 10
Words = Annotated[str, Query(max_length=100)]


def router(door: Door) -> APIRouter:
    """For consultants of the session's city."""
    routes = APIRouter(prefix="/desk/sessions", include_in_schema=False, dependencies=[PUBLIC])

    @routes.api_route("/{session_id}/registrations", methods=["GET", "HEAD"])
    async def show_registrations(
        session_id: UUID, reader: Reader, request: Request, q: Words = "", done: UUID | None = None
    ) -> Response:
        """In the order in which they registered; `q` looks a shop up that is none of them yet."""

        async def work(visitor: Visitor) -> Response:
            return await _shown(door, visitor, session_id, q=q.strip(), done=done)

        return await door.enter(request, reader, work)

    @routes.post("/{session_id}/registrations", dependencies=[OF_THIS_SITE])
    async def change_registrations(session_id: UUID, reader: Reader, request: Request) -> Response:
        """A shop is registered or withdrawn, came or did not; one that is here unregistered does both."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            try:
                merchant_id = UUID(form.get("merchant", ""))
            except ValueError:
                raise NotThere("no shop") from None
            fault = await _done(visitor, session_id, merchant_id, form.get("do", ""))
            if fault:
                return await _shown(door, visitor, session_id, fault=fault)
            answer = see_other(reader.path, reader, done=str(merchant_id))
            answer.headers["location"] += f"#shop-{merchant_id}"
            return answer

        return await door.enter(request, reader, work)

    return routes


async def _done(visitor: Visitor, session_id: UUID, merchant_id: UUID, wish: str) -> str:
    """What hinders it; empty once it is done. Raises NotThere, Unanswered."""
    path = f"{SESSIONS}/{session_id}/registrations/{merchant_id}"
    steps: dict[str, list[tuple[str, str, dict[str, Any] | None]]] = {
        "register": [("PUT", path, None)],
        "arrived": [("PUT", path, None), ("PUT", f"{path}/attendance", {"attended": True})],
        "came": [("PUT", f"{path}/attendance", {"attended": True})],
        "missed": [("PUT", f"{path}/attendance", {"attended": False})],
        "withdraw": [("DELETE", path, None)],
    }
    for method, address, body in steps.get(wish, []):
        answer = await visitor.write(method, "assessment", address, body)
        if answer.status in {401, 403}:
            raise NotThere(f"assessment: HTTP {answer.status}")
        if answer.status >= 400:
            return problem_of(answer) or "refused"
    return "" if wish in steps else "refused"


async def _shown(
    door: Door,
    visitor: Visitor,
    session_id: UUID,
    *,
    q: str = "",
    done: UUID | None = None,
    fault: str = "",
) -> Response:
    session, registered = await asyncio.gather(
        visitor.shaped(TownSession, "assessment", f"{SESSIONS}/{session_id}"),
        visitor.shaped(Registrations, "assessment", f"{SESSIONS}/{session_id}/registrations"),
    )
    shops, found = await asyncio.gather(
        read_shops(visitor, [each.merchant_id for each in registered.items]),
        part(_found(visitor, session.city_id, q, registered.items)),
    )
    answer = page(
        door,
        "registrations.html",
        visitor,
        session=session,
        registered=registered.items,
        shops=shops,
        q=q,
        found=found,
        done=done,
        fault=fault,
    )
    answer.status_code = 422 if fault else 200
    return answer


async def _found(visitor: Visitor, city_id: UUID, q: str, registered: list[Registration]) -> list[Shop]:
    """Shops of the session's city that are like `q`, and not registered. Raises Unanswered."""
    if not q:
        return []
    asked: dict[str, str | int | None] = {"q": q, "city": str(city_id), "limit": _MOST_FOUND}
    result = await visitor.shaped(Result, "directory", "/api/v1/merchants/search", **asked)
    known = {each.merchant_id for each in registered}
    return [each.merchant for each in result.items if each.merchant.id not in known]
