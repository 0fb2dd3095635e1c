"""Whoever a page is for: what it reads and writes is asked of the services as that person, or as nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from services.portal.neighbours import Answer, Neighbours, NotThere, Unanswered, part
from services.portal.reader import PageReader
from services.portal.rendering import Renderer
from services.portal.sessions import Session, Sessions

T = TypeVar("T")


@dataclass(kw_only=True)
class Anybody:
    """One request of somebody of whom nothing is known: they need no account for it."""

    neighbours: Neighbours
    reader: PageReader
    network: str = ""
    """The addresses they come from, as the gateway passes them on: some things are counted by them."""

    @property
    def language(self) -> str:
        return self.reader.language

    @property
    def token(self) -> str | None:
        """What they are known by to the services."""
        return None

    async def read(self, service: str, path: str, **query: str | int) -> Answer:
        """What is there for this person, in their language. Raises Unanswered."""
        asked = urlencode({"language": self.language, **query})
        return await self.send("GET", service, f"{path}?{asked}")

    async def found(self, service: str, path: str, **query: str | int) -> Mapping[str, Any] | None:
        """The same; None where nothing is there for them. Raises Unanswered for any other refusal."""
        answer = await self.read(service, path, **query)
        if answer.status in {403, 404, 410}:
            return None
        if answer.status != 200:
            raise Unanswered(f"{service}: HTTP {answer.status}")
        return answer.body

    async def part(self, service: str, path: str, **query: str | int) -> Mapping[str, Any] | None:
        """The same for a part of a page, which the rest does not wait for: None, too, where nobody tells."""
        return await part(self.found(service, path, **query))

    async def write(
        self,
        method: str,
        service: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        attempt: str = "",
        etag: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """What it says to a change; `attempt` makes it happen once however often it is sent.

        Raises Unanswered.
        """
        sent = dict(headers or {})
        if attempt:
            sent["Idempotency-Key"] = attempt
        if etag:
            sent["If-Match"] = etag
        return await self.send(method, service, path, body, sent)

    async def send(
        self,
        method: str,
        service: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """What it says to this person, whatever that is. Raises Unanswered."""
        spoken = {"Accept-Language": self.language, **(headers or {})}
        return await self.neighbours.send(
            method, service, path, body, token=self.token, network=self.network, headers=spoken
        )


@dataclass(kw_only=True)
class Visitor(Anybody):
    """One request of somebody who is signed in."""

    session: Session

    @property
    def token(self) -> str:
        return self.session.token

    async def shaped(self, shape: type[T], service: str, path: str, **query: str | int | None) -> T:
        """The same as `shape`, a msgspec.Struct of what the page shows. Raises NotThere, Unanswered."""
        asked = {"language": self.language, **query}
        return await self.neighbours.read(service, path, shape, self.session.token, **asked)


Work = Callable[[Visitor], Awaitable[Response]]


@dataclass(frozen=True)
class Door:
    """Where pages for somebody in particular are entered: who is not signed in does that first."""

    neighbours: Neighbours
    renderer: Renderer
    sessions: Sessions

    async def enter(self, request: Request, reader: PageReader, work: Work) -> Response:
        """The page that `work` makes. Where a service that it cannot do without is away: one that says so."""
        session: Session | None = None
        try:
            session = await self.sessions.of(request, datetime.now(UTC))
            if session is None:
                return self.sessions.to_sign_in(reader, _wanted(request, reader))
            meant = request.query_params.get("person")
            if meant is not None and (not meant or meant != session.person):
                # It was kept in this browser by somebody else, who signed in before.
                raise NotThere
            visitor = Visitor(
                neighbours=self.neighbours,
                reader=replace(reader, person=session.person),
                network=request.headers.get("X-Forwarded-For", ""),
                session=session,
            )
            answer = await work(visitor)
            session = visitor.session
        except NotThere:
            answer = self.renderer.not_there(reader)
        except Unanswered:
            answer = self.renderer.away(reader)
        if session is not None:
            self.sessions.keep(answer, session)
        return answer

    async def welcome(
        self, request: Request, reader: PageReader, work: Callable[[Anybody], Awaitable[Response]]
    ) -> Response:
        """The page that `work` makes for anybody, signed in or not."""
        network = request.headers.get("X-Forwarded-For", "")
        try:
            return await work(Anybody(neighbours=self.neighbours, reader=reader, network=network))
        except NotThere:
            return self.renderer.not_there(reader)
        except Unanswered:
            return self.renderer.away(reader)

    async def stream(self, request: Request, service: str, path: str, last_event: str) -> Response:
        """Events as the service tells this person; 204 for whoever is not signed in, which ends it."""
        try:
            session = await self.sessions.of(request, datetime.now(UTC))
        except Unanswered:
            return Response(status_code=503)
        if session is None:
            return Response(status_code=204)
        events = _until_silent(self.neighbours.stream(service, path, session.token, last_event))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        answer = StreamingResponse(events, media_type="text/event-stream", headers=headers)
        self.sessions.keep(answer, session)
        return answer

    def page(self, template: str, reader: PageReader, status: int = 200, **shown: Any) -> Response:
        """A page for this person alone."""
        return self.renderer.secret_page(template, reader, status, **shown)


async def _until_silent(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Whatever ends it, browsers come again by themselves."""
    try:
        async for chunk in events:
            yield chunk
    except Unanswered:
        return


def _wanted(request: Request, reader: PageReader) -> str:
    """Where to go on after signing in: what was asked for, or the page whose form was sent."""
    asked = dict(request.query_params) if request.method == "GET" else {}
    return f"{request.url.path}?{urlencode({**asked, 'lang': reader.language})}"


def see_other(path: str, reader: PageReader, **query: str) -> Response:
    """On to another page, which is fetched anew: going back or reloading sends nothing twice."""
    mark = "&" if "?" in path else "?"
    address = f"{path}{mark}{urlencode({'lang': reader.language, **query})}"
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})


def problem_of(answer: Answer) -> str:
    """The stable kind of a refusal, such as `already-reviewed`."""
    return str(answer.body.get("type", "")).rpartition(":")[2]


def fault_of(answer: Answer) -> str:
    """What hinders it, by name, for the page to say: the field at fault, or the kind of the refusal."""
    if answer.status == 422 and answer.body.get("field"):
        return str(answer.body["field"]).partition(".")[0]
    return problem_of(answer) or "refused"
