"""Reporting what others contributed, with an account or without, and what became of each report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from chassis.access import PUBLIC
from chassis.forms import form_of
from chassis.ids import new_id
from chassis.telemetry import conceal_path
from services.portal.ambassador.contributing import PATH
from services.portal.ambassador.mine import shops
from services.portal.ambassador.own_pages import Cursor, Done, page_of
from services.portal.forms import OF_THIS_SITE, Forwarded
from services.portal.neighbours import Answer, NotThere, Unanswered
from services.portal.reader import PageReader, Reader
from services.portal.sessions import Session
from services.portal.visitors import Door, Visitor, fault_of, see_other

REPORTS = f"{PATH}/reports"


@dataclass(frozen=True)
class Somebody:
    """One request of whoever reports: signed in, or nobody."""

    door: Door
    reader: PageReader
    session: Session | None
    network: str

    async def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """What campaigns says to them; of what is read, only what is there. Raises NotThere, Unanswered."""
        answer = await self.door.neighbours.send(
            method,
            "campaigns",
            path,
            body,
            token=self.session.token if self.session else None,
            network=self.network,
            headers={"Accept-Language": self.reader.language, **(headers or {})},
        )
        if answer.status == 404 or (method == "GET" and answer.status >= 400):
            raise NotThere(f"campaigns: HTTP {answer.status}")
        return answer

    def page(self, template: str, fault: str | None, **shown: Any) -> Response:
        """For them alone."""
        status = 422 if fault else 200
        shown |= {"fault": fault, "attempt": new_id(), "is_known": self.session is not None}
        return self.door.page(template, self.reader, status, **shown)


def router(door: Door) -> APIRouter:
    """The form, one's own reports, and each by itself."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    _add_form(routes, door)
    _add_list(routes, door)
    _add_report(routes, door)
    return routes


def _add_form(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/contributions/{contribution_id}/report", methods=["GET", "HEAD"])
    async def ask(
        contribution_id: UUID, request: Request, reader: Reader, forwarded: Forwarded = ""
    ) -> Response:
        """What is wrong with it."""

        async def work(who: Somebody) -> Response:
            return await _form(who, contribution_id)

        return await _entered(door, request, reader, forwarded, work)

    @routes.post("/contributions/{contribution_id}/report", dependencies=[OF_THIS_SITE])
    async def report(
        contribution_id: UUID, request: Request, reader: Reader, forwarded: Forwarded = ""
    ) -> Response:
        """On to what becomes of it; without an account, by an address that nobody else knows."""
        form = await form_of(request)

        async def work(who: Somebody) -> Response:
            body = {"ground": form.get("ground", ""), "text": form.get("text", "")}
            key = {"Idempotency-Key": form.get("attempt") or str(new_id())}
            answer = await who.send("POST", f"{PATH}/{contribution_id}/reports", body, key)
            if answer.status == 201:
                place = "/".join(filter(None, (answer.body["id"], answer.body.get("secret"))))
                return see_other(f"/reports/{place}", reader, done="reported")
            if known := answer.body.get("report_id"):
                return see_other(f"/reports/{known}", reader)
            return await _form(who, contribution_id, form, fault_of(answer))

        return await _entered(door, request, reader, forwarded, work)


def _add_list(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/reports", methods=["GET", "HEAD"])
    async def own(request: Request, reader: Reader, cursor: Cursor = "") -> Response:
        """What one reported with an account, newest first."""

        async def work(visitor: Visitor) -> Response:
            told = await page_of(visitor, REPORTS, cursor)
            named = await shops(visitor, told["items"])
            return door.page(
                "ambassador/reports.html", visitor.reader, told=told, shops=named, is_first=not cursor
            )

        return await door.enter(request, reader, work)

    @routes.api_route("/reports/about/{contribution_id}", methods=["GET", "HEAD"])
    async def about(contribution_id: UUID, request: Request, reader: Reader) -> Response:
        """Where messages lead: on to one's newest report of that contribution."""

        async def work(visitor: Visitor) -> Response:
            found = await visitor.read("campaigns", REPORTS, contribution=str(contribution_id), limit=1)
            items = found.body.get("items") if found.status == 200 else None
            return see_other(f"/reports/{items[0]['id']}" if items else "/reports", reader)

        return await door.enter(request, reader, work)


def _add_report(routes: APIRouter, door: Door) -> None:
    @routes.api_route("/reports/{report_id}", methods=["GET", "HEAD"])
    @routes.api_route("/reports/{report_id}/{secret}", methods=["GET", "HEAD"])
    async def show(
        *,
        report_id: UUID,
        request: Request,
        reader: Reader,
        secret: str = "",
        done: Done = "",
        forwarded: Forwarded = "",
    ) -> Response:
        """State, decision, reasons, and how to appeal."""

        async def work(who: Somebody) -> Response:
            return await _report(who, report_id, secret, done=done)

        return await _entered(door, request, reader, forwarded, work, secret=secret, is_own=True)

    @routes.post("/reports/{report_id}", dependencies=[OF_THIS_SITE])
    @routes.post("/reports/{report_id}/{secret}", dependencies=[OF_THIS_SITE])
    async def appeal(
        *, report_id: UUID, request: Request, reader: Reader, secret: str = "", forwarded: Forwarded = ""
    ) -> Response:
        """A second look, asked for once."""
        form = await form_of(request)

        async def work(who: Somebody) -> Response:
            sent = {"Report-Secret": secret, "Idempotency-Key": form.get("attempt") or str(new_id())}
            body = {"text": form.get("appeal", "")}
            answer = await who.send("POST", f"{REPORTS}/{report_id}/appeal", body, sent)
            if answer.status == 201:
                return see_other(reader.path, reader, done="appeal")
            return await _report(who, report_id, secret, form, fault_of(answer))

        return await _entered(door, request, reader, forwarded, work, secret=secret, is_own=True)


async def _form(
    who: Somebody,
    contribution_id: UUID,
    form: Mapping[str, str] | None = None,
    fault: str | None = None,
) -> Response:
    asked = urlencode({"language": who.reader.language})
    found = await who.send("GET", f"{PATH}/{contribution_id}?{asked}")
    grounds = await who.send("GET", f"{REPORTS}/grounds?{asked}")
    offered = [(each["key"], each["text"]) for each in grounds.body.get("items") or []]
    shown = {"it": found.body, "grounds": offered, "typed": form or {}}
    return who.page("ambassador/report.html", fault, **shown)


async def _report(
    who: Somebody,
    report_id: UUID,
    secret: str,
    form: Mapping[str, str] | None = None,
    fault: str | None = None,
    *,
    done: str = "",
) -> Response:
    asked = urlencode({"language": who.reader.language})
    found = await who.send("GET", f"{REPORTS}/{report_id}?{asked}", headers={"Report-Secret": secret})
    shown = {"it": found.body, "typed": form or {}, "done": done, "has_secret": bool(secret)}
    return who.page("ambassador/reported.html", fault, **shown)


async def _entered(
    door: Door,
    request: Request,
    reader: PageReader,
    network: str,
    work: Callable[[Somebody], Awaitable[Response]],
    *,
    secret: str = "",
    is_own: bool = False,
) -> Response:
    """The page that `work` makes. What is one's own is seen with a secret, or by who is signed in."""
    if secret:
        conceal_path("/reports/…")
    session: Session | None = None
    try:
        if not secret.isascii():  # none of ours, and not to be sent as a header
            raise NotThere("no secret")
        session = await door.sessions.of(request, datetime.now(UTC))
        if is_own and not secret and session is None:
            return door.sessions.to_sign_in(reader, f"{reader.path}?{urlencode({'lang': reader.language})}")
        known = replace(reader, person=session.person) if session else reader
        answer = await work(Somebody(door, known, session, network))
    except NotThere:
        answer = door.renderer.not_there(reader)
    except Unanswered:
        answer = door.renderer.away(reader)
    if session is not None:
        door.sessions.keep(answer, session)
    return answer
