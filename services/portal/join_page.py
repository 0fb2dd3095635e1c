"""The form of an awareness session, where the QR code in the room leads: for anybody, on a telephone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Request, Response

from chassis.access import PUBLIC
from chassis.forms import pairs_of
from chassis.telemetry import conceal_path
from services.portal.forms import OF_THIS_SITE, Forwarded
from services.portal.neighbours import Answer, Neighbours, Unanswered
from services.portal.reader import PageReader, Reader
from services.portal.rendering import Renderer
from services.portal.visitors import see_other

PATH = "/api/v1/join"
Code = Annotated[str, Path(pattern=r"^[A-Za-z0-9 -]{1,20}$")]
_REFUSALS = {404: "unknown", 409: "closed", 429: "too often"}


def router(neighbours: Neighbours, renderer: Renderer) -> APIRouter:
    """Where the code is typed, the form, and what it comes to."""
    routes = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    pages = _Pages(neighbours, renderer)

    @routes.api_route("/join", methods=["GET", "HEAD"])
    async def ask_code(reader: Reader, code: str = "") -> Response:
        """For who cannot read a QR code: the code of the room is typed."""
        typed = "".join(each for each in code if each.isalnum() and each.isascii())[:20]
        return see_other(f"/join/{typed}", reader) if typed else pages.refused(reader, "")

    @routes.api_route("/join/{code}", methods=["GET", "HEAD"])
    async def show_form(code: Code, reader: Reader, forwarded: Forwarded = "") -> Response:
        """All questions on one page: eight of them, three minutes."""
        conceal_path("/join/…")
        return await pages.form(code, reader, forwarded)

    @routes.post("/join/{code}", dependencies=[OF_THIS_SITE])
    async def hand_in(code: Code, request: Request, reader: Reader, forwarded: Forwarded = "") -> Response:
        """Once, however often it is sent; the answer is what it comes to."""
        conceal_path("/join/…")
        return await pages.handed_in(code, await pairs_of(request), reader, forwarded)

    return routes


class _Pages:
    def __init__(self, neighbours: Neighbours, renderer: Renderer) -> None:
        self._neighbours = neighbours
        self._renderer = renderer

    async def form(
        self,
        code: str,
        reader: PageReader,
        network: str,
        pairs: Sequence[tuple[str, str]] = (),
        fault: str = "",
    ) -> Response:
        """The form, with what was filled in and cannot be counted."""
        joined = await self._ask("GET", f"{PATH}/{code}", None, reader, network=network)
        if joined is None:
            return self._renderer.away(reader)
        if joined.status != 200:
            return self.refused(reader, _REFUSALS.get(joined.status, "unknown"), joined.status)
        return self._renderer.secret_page(
            "join_session.html",
            reader,
            422 if fault else 200,
            told=joined.body,
            given=dict(pairs),
            ticked=set(pairs),
            attempt=dict(pairs).get("attempt") or str(uuid4()),
            fault=fault,
            state="form",
        )

    async def handed_in(
        self, code: str, pairs: Sequence[tuple[str, str]], reader: PageReader, network: str
    ) -> Response:
        """What the form comes to, or the form once more."""
        asked = await self._ask("GET", f"{PATH}/{code}", None, reader, network=network)
        questions = asked.body["questionnaire"]["questions"] if asked and asked.status == 200 else ()
        body: dict[str, Any] = {"answers": _answers(pairs, questions)}
        if kind := dict(pairs).get("merchant_kind"):
            body["merchant_kind"] = kind
        key = {"Idempotency-Key": dict(pairs).get("attempt", "")}
        told = await self._ask("POST", f"{PATH}/{code}/forms", body, reader, network=network, headers=key)
        if told is None:
            return self._renderer.away(reader)
        if told.status in {200, 201}:
            return self._renderer.secret_page("join_session.html", reader, state="done", found=told.body)
        if told.status in _REFUSALS:
            return self.refused(reader, _REFUSALS[told.status], told.status)
        return await self.form(code, reader, network, pairs, "answer")

    def refused(self, reader: PageReader, why: str, status: int = 200) -> Response:
        """Where a code is typed, with what was wrong with the last one."""
        return self._renderer.secret_page("join_session.html", reader, status, state="code", fault=why)

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        reader: PageReader,
        *,
        network: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | None:
        spoken = {"Accept-Language": reader.language, **(headers or {})}
        try:
            return await self._neighbours.send(
                method, "assessment", path, body, network=network, headers=spoken
            )
        except Unanswered:
            return None


def _answers(
    pairs: Sequence[tuple[str, str]], questions: Sequence[Mapping[str, Any]]
) -> dict[str, list[str] | int]:
    """By question what was given; one left empty is not answered. What is no number the service refuses."""
    answers: dict[str, list[str] | int] = {}
    for question in questions:
        values = [value for name, value in pairs if name == question["key"] and value]
        if values and question["range"] is not None and values[0].lstrip("-").isdecimal():
            answers[question["key"]] = int(values[0])
        elif values:
            answers[question["key"]] = values
    return answers
