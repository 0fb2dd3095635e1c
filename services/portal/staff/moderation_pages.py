"""The queue of what waits for a decision, and one case with all that is needed to decide it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere, part
from services.portal.reader import Reader
from services.portal.rendering import SECURITY_HEADERS
from services.portal.shops import Shop, read_city, read_shop
from services.portal.staff.entrance import OFFICER, Me, page
from services.portal.staff.moderation import (
    CASES,
    Case,
    Cases,
    Load,
    decide,
    read_next,
    read_queue,
    take,
)
from services.portal.visitors import Door, Visitor, see_other

Kind = Annotated[Literal["first", "appeal"] | None, Query()]
Cursor = Annotated[str | None, Query(max_length=500)]
Done = Annotated[Literal["published", "removed", "taken", "given-back"] | None, Query()]


def router(door: Door) -> APIRouter:
    """For officers of the city, and for appeals those of the city that it named."""
    routes = APIRouter(prefix="/desk", include_in_schema=False, dependencies=[PUBLIC])
    _add_queue(routes, door)
    _add_case(routes, door)
    _add_pictures(routes, door)
    return routes


def _add_queue(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/cities/{city_id}/moderation", methods=["GET", "HEAD"])
    async def show_queue(
        *,
        city_id: UUID,
        reader: Reader,
        request: Request,
        kind: Kind = None,
        cursor: Cursor = None,
        done: Done = None,
    ) -> Response:
        """What waits; appeals apart where one likes."""

        async def work(visitor: Visitor) -> Response:
            queue, load, city, is_deputy = await asyncio.gather(
                read_queue(visitor, city_id, kind, cursor),
                part(visitor.shaped(Load, "campaigns", "/api/v1/moderation/figures", city=str(city_id))),
                part(read_city(door.neighbours, city_id)),
                _is_deputy(visitor, city_id),
            )
            shops = await _shops(visitor, queue)
            shown: dict[str, Any] = {"queue": queue, "load": load, "shops": shops, "kind": kind, "done": done}
            place = f"kind={kind}&" if kind else ""
            shown |= {"is_first": cursor is None, "city_id": city_id, "place": place, "is_deputy": is_deputy}
            return page(door, "moderation.html", visitor, city=city, **shown)

        return await door.enter(request, reader, work)


def _add_case(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/cases/{case_id}", methods=["GET", "HEAD"])
    async def show_case(case_id: UUID, reader: Reader, request: Request, done: Done = None) -> Response:
        """What somebody posted, why it is looked at, and the forms to decide."""

        async def work(visitor: Visitor) -> Response:
            return await _case_page(door, visitor, case_id, done=done)

        return await door.enter(request, reader, work)

    @routes.post("/cases/{case_id}", dependencies=[OF_THIS_SITE])
    async def decide_case(case_id: UUID, reader: Reader, request: Request) -> Response:
        """Decide, and go on to the next that waits; or take it, or give it back."""
        form = await form_of(request)

        async def work(visitor: Visitor) -> Response:
            match form.get("do"):
                case "publish" | "remove" as wish:
                    fault = await decide(visitor, case_id, form)
                    if fault is None:
                        return await _onwards(
                            visitor, case_id, "published" if wish == "publish" else "removed"
                        )
                case "take" | "give-back" as wish:
                    fault = await take(visitor, case_id, give_back=wish == "give-back")
                    if fault is None:
                        done = "taken" if wish == "take" else "given-back"
                        return see_other(f"/desk/cases/{case_id}", reader, done=done)
                case _:
                    fault = "refused"
            return await _case_page(door, visitor, case_id, fault=fault, form=form)

        return await door.enter(request, reader, work)


def _add_pictures(routes: APIRouter, door: Door) -> None:
    @routes.get("/cases/{case_id}/pictures/{file_id}/{size}.webp")
    async def show_picture(
        *, case_id: UUID, file_id: UUID, size: Literal["large", "small"], reader: Reader, request: Request
    ) -> Response:
        """A picture that nobody but who decides is shown."""

        async def work(visitor: Visitor) -> Response:
            path = f"{CASES}/{case_id}/pictures/{file_id}/{size}.webp"
            picture = await door.neighbours.paper("campaigns", path, visitor.session.token)
            if picture is None:
                raise NotThere("campaigns: no such picture")
            headers = {**SECURITY_HEADERS, "Cache-Control": "private, no-store"}
            return Response(picture, headers=headers, media_type="image/webp")

        return await door.enter(request, reader, work)


async def _case_page(
    door: Door,
    visitor: Visitor,
    case_id: UUID,
    *,
    done: str | None = None,
    fault: str | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    case = await visitor.shaped(Case, "campaigns", f"{CASES}/{case_id}")
    shop, city, is_deputy = await asyncio.gather(
        part(read_shop(door.neighbours, case.contribution.merchant_id, visitor.language)),
        part(read_city(door.neighbours, case.city_id)),
        _is_deputy(visitor, case.city_id),
    )
    written = form or {}
    shown: dict[str, Any] = {
        "case": case,
        "shop": shop,
        "done": done,
        "fault": fault,
        "city_id": case.city_id,
        "is_deputy": is_deputy,
    }
    shown |= {"attempt": str(new_id()), "ground": written.get("ground", "")}
    answer = page(door, "case.html", visitor, city=city, statement=written.get("statement", ""), **shown)
    answer.status_code = 200 if fault is None else 422
    return answer


async def _is_deputy(visitor: Visitor, city_id: UUID) -> bool:
    """Whether they decide appeals alone there, as officers of the city that it named."""
    me = await part(visitor.shaped(Me, "directory", "/api/v1/people/me"))
    return me is not None and city_id not in me.cities(OFFICER)


async def _onwards(visitor: Visitor, decided: UUID, done: str) -> Response:
    """To the next that waits, or to the empty queue."""
    case = await visitor.shaped(Case, "campaigns", f"{CASES}/{decided}")
    following = await part(read_next(visitor, case.city_id, decided))
    path = f"/desk/cases/{following.id}" if following else f"/desk/cities/{case.city_id}/moderation"
    return see_other(path, visitor.reader, done=done)


async def _shops(visitor: Visitor, queue: Cases) -> dict[UUID, Shop]:
    """Those that the directory tells of, each asked for once."""
    ids = list(dict.fromkeys(each.contribution.merchant_id for each in queue.items))
    found = await asyncio.gather(
        *[part(read_shop(visitor.neighbours, each, visitor.language)) for each in ids]
    )
    return {each.id: each for each in found if each is not None}
