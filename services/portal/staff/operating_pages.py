"""The operator's pages: how it runs, one dead letter, erasures, and who did what."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.http import Now
from services.portal.forms import OF_THIS_SITE
from services.portal.neighbours import NotThere
from services.portal.reader import Reader
from services.portal.staff.entrance import OPERATOR, Me, page
from services.portal.staff.operating import Audit, Erasures, Letter, change, look, of, trace_of
from services.portal.visitors import Door, Visitor, see_other

Service = Literal["directory", "campaigns", "notifications", "assessment"]
Cursor = Annotated[str | None, Query(max_length=500)]
Done = Annotated[Literal["resumed", "redriven", "discarded", "told"] | None, Query()]


def router(door: Door, traces: str) -> APIRouter:
    """For operators; `traces` is where the trace viewer is, empty where there is none."""
    routes = APIRouter(prefix="/desk/operations", include_in_schema=False, dependencies=[PUBLIC])
    _add_overview(routes, door, traces)
    _add_traces(routes, door, traces)
    _add_letter(routes, door, traces)
    _add_erasures(routes, door)
    _add_audit(routes, door)
    return routes


async def _only_operators(visitor: Visitor) -> None:
    """Raises NotThere for everybody else: services refuse them, too, each for itself."""
    me = await visitor.shaped(Me, "directory", "/api/v1/people/me")
    if not me.has(OPERATOR):
        raise NotThere("no operator")


def _add_overview(routes: APIRouter, door: Door, traces: str) -> None:
    @routes.api_route("", methods=["GET", "HEAD"])
    async def show_overview(reader: Reader, request: Request, now: Now, done: Done = None) -> Response:
        """Each service, its outbox and consumers, and the dead letters of all."""

        async def work(visitor: Visitor) -> Response:
            await _only_operators(visitor)
            shown: dict[str, Any] = {"looked": await look(visitor), "now": now(), "done": done, "fault": None}
            return page(door, "operations.html", visitor, traces=traces, **shown)

        return await door.enter(request, reader, work)

    @routes.post("", dependencies=[OF_THIS_SITE])
    async def resume(reader: Reader, request: Request, now: Now) -> Response:
        """Let a paused consumer work again."""
        form = await form_of(request)
        service, consumer = form.get("service", ""), form.get("consumer", "")

        async def work(visitor: Visitor) -> Response:
            await _only_operators(visitor)
            if service not in door.neighbours.names or not consumer.replace("_", "").isalnum():
                raise NotThere("no such consumer")
            fault = await change(visitor, service, f"consumers/{consumer}/resume")
            if fault is None:
                return see_other("/desk/operations", reader, done="resumed")
            shown: dict[str, Any] = {
                "looked": await look(visitor),
                "now": now(),
                "done": None,
                "fault": fault,
            }
            return page(door, "operations.html", visitor, traces=traces, **shown)

        return await door.enter(request, reader, work)


def _add_traces(routes: APIRouter, door: Door, traces: str) -> None:
    @routes.get("/trace")
    async def find_trace(
        reader: Reader,
        request: Request,
        now: Now,
        sought: Annotated[str, Query(alias="id", max_length=200)] = "",
    ) -> Response:
        """Leads to the trace of an event, or of a request, which every line of a log names."""

        async def work(visitor: Visitor) -> Response:
            await _only_operators(visitor)
            trace_id = await trace_of(visitor, sought)
            if trace_id and traces:
                return RedirectResponse(
                    f"{traces}-/otel/traces/{trace_id}", 303, {"Cache-Control": "no-store"}
                )
            shown: dict[str, Any] = {"looked": await look(visitor), "now": now(), "done": None, "fault": None}
            answer = page(door, "operations.html", visitor, traces=traces, sought=sought, **shown)
            answer.status_code = 422
            return answer

        return await door.enter(request, reader, work)


def _add_letter(routes: APIRouter, door: Door, traces: str) -> None:
    async def shown(visitor: Visitor, service: str, letter_id: UUID, fault: str | None) -> Response:
        letter = await visitor.shaped(Letter, service, f"{of(service)}/dead-letters/{letter_id}")
        told: dict[str, Any] = {"service": service, "letter": letter, "fault": fault, "traces": traces}
        answer = page(door, "dead_letter.html", visitor, **told)
        answer.status_code = 200 if fault is None else 409
        return answer

    @routes.api_route("/{service}/dead-letters/{letter_id}", methods=["GET", "HEAD"])
    async def show_letter(service: Service, letter_id: UUID, reader: Reader, request: Request) -> Response:
        """A message that could not be applied, with its error, its headers and its body."""

        async def work(visitor: Visitor) -> Response:
            return await shown(visitor, service, letter_id, None)

        return await door.enter(request, reader, work)

    @routes.post("/{service}/dead-letters/{letter_id}", dependencies=[OF_THIS_SITE])
    async def decide_letter(service: Service, letter_id: UUID, reader: Reader, request: Request) -> Response:
        """Apply it after all, or give it up."""
        wish = "discard" if (await form_of(request)).get("do") == "discard" else "redrive"

        async def work(visitor: Visitor) -> Response:
            fault = await change(visitor, service, f"dead-letters/{letter_id}/{wish}")
            if fault is not None:
                return await shown(visitor, service, letter_id, fault)
            done = "discarded" if wish == "discard" else "redriven"
            return see_other("/desk/operations", reader, done=done)

        return await door.enter(request, reader, work)


def _add_erasures(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/erasures", methods=["GET", "HEAD"])
    async def show_erasures(
        *, reader: Reader, request: Request, cursor: UUID | None = None, done: Done = None
    ) -> Response:
        """Which services have done their part; nobody's name."""

        async def work(visitor: Visitor) -> Response:
            after = str(cursor) if cursor else None
            erasures = await visitor.shaped(
                Erasures, "directory", "/api/v1/people/erasures", limit=50, after=after
            )
            shown: dict[str, Any] = {"erasures": erasures, "is_first": cursor is None, "done": done}
            return page(door, "erasures.html", visitor, **shown)

        return await door.enter(request, reader, work)

    @routes.post("/erasures", dependencies=[OF_THIS_SITE])
    async def tell_again(reader: Reader, request: Request) -> Response:
        """Tell all services once more of each that is not done."""

        async def work(visitor: Visitor) -> Response:
            answer = await visitor.write("POST", "directory", "/api/v1/people/erasures/again")
            if answer.status >= 400:
                raise NotThere("no operator")
            return see_other("/desk/operations/erasures", reader, done="told")

        return await door.enter(request, reader, work)


def _add_audit(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/audit", methods=["GET", "HEAD"])
    async def show_audit(reader: Reader, request: Request, cursor: Cursor = None) -> Response:
        """Who did what that is nobody's own affair, the newest first."""

        async def work(visitor: Visitor) -> Response:
            asked: dict[str, str | int | None] = {"limit": 50, "cursor": cursor}
            audit = await visitor.shaped(Audit, "directory", "/api/v1/audit", **asked)
            return page(door, "audit.html", visitor, audit=audit, is_first=cursor is None)

        return await door.enter(request, reader, work)
